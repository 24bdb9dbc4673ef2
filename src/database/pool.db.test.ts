import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/database/test-database.ts'
import type { TestDatabase } from '../testing/database/test-server.ts'
import { noFault } from '../testing/fault-proxy/fault.ts'
import { startFaultProxy } from '../testing/fault-proxy/fault-proxy.ts'
import { halfOpen } from '../testing/fault-proxy/modes/half-open.ts'
import { createPool, isConnectionError, withTransaction } from './pool.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase({ migrated: false })
  await database.pool.query('CREATE TABLE receipt (number integer PRIMARY KEY)')
})
afterAll(() => database.drop())

const numbers = async () => {
  const { rows } = await database.pool.query<{ number: number }>('SELECT number FROM receipt ORDER BY number')
  return rows.map(({ number }) => number)
}

describe('a pool whose line to the server is half open', () => {
  /** A pool of one connection through a proxy; with its grace of five seconds it waits 5.1 s for an answer. */
  const startPool = async () => {
    const { hostname: host, port } = new URL(database.url)
    const proxy = await startFaultProxy({ to: { host, port: Number(port) }, seed: 1 })
    const url = new URL(database.url)
    url.port = String(proxy.port)
    const pool = createPool({ url: url.href, sizeMax: 1, applicationName: 'half-open', statementTimeoutMs: 100 })
    await pool.query('select 1')
    const fallSilent = async () => {
      proxy.use(halfOpen({ fromMs: 0, toMs: 0 }))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    const stop = () => pool.end().then(() => proxy.stop())
    return { pool, proxy, fallSilent, stop }
  }

  it('gives up a statement that nobody answers, and goes on over a new line', async () => {
    const { pool, proxy, fallSilent, stop } = await startPool()
    await fallSilent()
    const error = await pool.query('select 1').catch((reason: unknown) => reason)
    expect(isConnectionError(error)).toBe(true)
    proxy.use(noFault)
    expect((await pool.query('select 2 as two')).rows).toEqual([{ two: 2 }])
    await stop()
  })

  it('gives a transaction up with its statement, and does not wait as long again for its end', async () => {
    const { pool, proxy, fallSilent, stop } = await startPool()
    let gaveUpAt = Number.NaN
    const work = withTransaction(pool, async (client) => {
      await client.query('INSERT INTO receipt VALUES (6)')
      await fallSilent()
      await client.query('INSERT INTO receipt VALUES (7)').finally(() => {
        gaveUpAt = performance.now()
        proxy.use(noFault)
      })
    })
    await expect(work).rejects.toSatisfy(isConnectionError)
    expect((await pool.query('select 2 as two')).rows).toEqual([{ two: 2 }])
    expect(performance.now() - gaveUpAt).toBeLessThan(2_500)
    await stop()
    expect(await numbers()).not.toContain(6)
  })
})

describe('withTransaction', () => {
  it('commits what the work did and gives its result', async () => {
    const result = await withTransaction(database.pool, async (client) => {
      await client.query('INSERT INTO receipt VALUES (1)')
      return 'done'
    })
    expect(result).toBe('done')
    expect(await numbers()).toContain(1)
  })

  it('keeps nothing when the work throws', async () => {
    const work = withTransaction(database.pool, async (client) => {
      await client.query('INSERT INTO receipt VALUES (2)')
      throw new Error('the till fell over')
    })
    await expect(work).rejects.toThrow('the till fell over')
    expect(await numbers()).not.toContain(2)
  })

  it('does not report success when a failed statement was swallowed, since COMMIT then rolls back', async () => {
    const work = withTransaction(database.pool, async (client) => {
      await client.query('INSERT INTO receipt VALUES (3)')
      await client.query('SELECT * FROM nowhere').catch(() => {})
    })
    await expect(work).rejects.toThrow('rolled back')
    expect(await numbers()).not.toContain(3)
  })

  it('throws a connection error when the server ends the session, and the pool goes on', async () => {
    const work = withTransaction(database.pool, async (client) => {
      await client.query('INSERT INTO receipt VALUES (4)')
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await database.pool.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid])
      await client.query('INSERT INTO receipt VALUES (5)')
    })
    await expect(work).rejects.toSatisfy(isConnectionError)
    expect(await numbers()).not.toContain(4)
  })
})

describe('isConnectionError', () => {
  it('knows a port where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    await new Promise((resolve) => server.close(resolve))
    const url = `postgres://nobody:secret@127.0.0.1:${address.port}/nowhere`
    const pool = createPool({ url, sizeMax: 1, applicationName: 'test' })
    await expect(pool.query('SELECT 1')).rejects.toSatisfy(isConnectionError)
    await pool.end()
  })

  it('knows a database that refuses sessions because it has too many', () => {
    expect(isConnectionError(Object.assign(new Error('sorry, too many clients already'), { code: '53300' }))).toBe(true)
  })

  it('looks into the cause', () => {
    const cause = Object.assign(new Error('terminating connection'), { code: '57P01' })
    expect(isConnectionError(new Error('could not record', { cause }))).toBe(true)
  })

  it('takes a wrong statement, a conflict and a wrong password for what they are', async () => {
    await expect(database.pool.query('SELECT * FROM nowhere')).rejects.not.toSatisfy(isConnectionError)
    await database.pool.query('INSERT INTO receipt VALUES (9)')
    await expect(database.pool.query('INSERT INTO receipt VALUES (9)')).rejects.not.toSatisfy(isConnectionError)
    const url = new URL(database.url)
    url.password = 'wrong'
    const pool = createPool({ url: url.href, sizeMax: 1, applicationName: 'test' })
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    await expect(pool.query('SELECT 1')).rejects.not.toSatisfy(isConnectionError)
    await pool.end()
  })
})

describe('createPool', () => {
  it('reads a day as text, and gives every session a limit', async () => {
    const { rows } = await database.pool.query(
      `SELECT date '2026-03-29' AS day, current_setting('statement_timeout') AS statement,
         current_setting('lock_timeout') AS lock, current_setting('idle_in_transaction_session_timeout') AS idle`,
    )
    expect(rows[0]).toEqual({ day: '2026-03-29', statement: '30s', lock: '10s', idle: '30s' })
  })
})
