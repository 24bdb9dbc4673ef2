import type { PoolClient } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { createPool } from '../../database/pool.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { ensureTarget } from '../targets.ts'
import { createPostgresGuardStore } from './postgres-guards.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const leaseMs = 500

it('takes the permits from the lock of a worker that was stopped in the middle of its claim', async () => {
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  const pool = createPool({ url: database.url, sizeMax: 1, applicationName: 'stopped', logger: silentLogger })
  const locked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  pool.on('connect', (client) => stopAfterLock(client, locked.resolve, goOn.promise))
  const claim = (workerId: string) => ({ targetId, workerId, permitsMax: 8, ceiling: 0, leaseMs })
  const stopped = createPostgresGuardStore(pool)
    .claimPermits(claim('stopped'))
    .catch((error: unknown) => error)
  await locked.promise
  const startedAt = performance.now()
  const { count } = await createPostgresGuardStore(database.pool).claimPermits(claim('awake'))
  expect(count).toBe(8)
  // Far below the ten seconds after which it would give up, and the thirty of a session that nobody ends.
  expect(performance.now() - startedAt).toBeLessThan(5_000)
  goOn.resolve()
  expect(await stopped).toBeInstanceOf(Error)
  await pool.end()
})

/** The client sends nothing more, once it has the lock, until it may go on. */
function stopAfterLock(client: PoolClient, locked: () => void, goOn: Promise<void>): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>
  const held = async (...args: unknown[]) => {
    const result = await query(...args)
    if (typeof args[0] === 'string' && args[0].includes('from delivery_guards') && args[0].includes('for update')) {
      locked()
      await goOn
    }
    return result
  }
  Object.assign(client, { query: held })
}
