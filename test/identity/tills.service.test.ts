import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/contract/clock.ts'
import { HubClient } from '../../src/simulator/sender/hub-client.ts'
import { TillIdentity } from '../../src/simulator/till/till-identity.ts'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { HubProcess } from '../hub-process.ts'
import { startBalancer } from './balancer.ts'

/** Two hubs, each a process, on one database, behind one address; no till knows which of them it speaks to. */
let postgres: TestServer
let database: Awaited<ReturnType<TestServer['createDatabase']>>
let balancer: Awaited<ReturnType<typeof startBalancer>>
let directory: string
let hubs: HubProcess[] = []

const hourMs = 3_600_000
const pollMs = 500

beforeAll(async () => {
  postgres = await startTestServer()
  database = await postgres.createDatabase({ migrated: true })
  balancer = await startBalancer()
  directory = await mkdtemp(join(tmpdir(), 'tillflow-tills-'))
  const environment = {
    TILLFLOW_DATABASE_URL: database.url,
    TILLFLOW_MASTER_KEY: randomBytes(32).toString('hex'),
    TILLFLOW_PUBLIC_URL: balancer.address,
    TILLFLOW_IDENTITY_POLL_MS: String(pollMs),
    TILLFLOW_ROLES: 'api',
    TILLFLOW_EVALUATION: 'true',
  }
  hubs = await Promise.all([1, 2].map(() => HubProcess.start({ directory, environment })))
  balancer.use(hubs.map(({ address }) => address))
})

afterAll(async () => {
  balancer?.close()
  await Promise.all(hubs.map((hub) => hub.stop()))
  await database?.drop()
  await postgres?.stop()
  await rm(directory, { recursive: true, force: true })
})

function cli(): HubProcess {
  const [hub] = hubs
  if (!hub) throw new Error('no hub runs')
  return hub
}

describe('a till whose clock is an hour wrong', () => {
  it('enrols, sells through a rotation of keys at two hubs without one refusal, and is out soon after it was revoked', async () => {
    const place = { businessUnitId: '9', workstationId: '1' }
    const { code } = await cli().printed<{ code: string }>(['till', 'invite', '--store', '9', '--till', '1'])
    // No kept connections: each request may be at another hub than the one before.
    const pool = new Pool(balancer.address, {
      connections: 8,
      pipelining: 1,
      keepAliveMaxTimeout: 1,
      keepAliveTimeout: 1,
    })
    const clock = { ...systemClock, now: () => Date.now() + hourMs }
    const till = await TillIdentity.enrol({ ...place, publicUrl: balancer.address, code }, { pool, clock })

    const statuses = new Map<number, number>()
    const counted = {
      headersFor: (method: string, path: string) => till.headersFor(method, path),
      learn: (status: number, headers: Record<string, string | string[] | undefined>) => {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        return till.learn(status, headers)
      },
    }
    const stopped = new AbortController()
    const client = new HubClient({ pool, token: counted, signal: stopped.signal })
    let number = 0
    let recorded = 0
    const sellOne = async () => {
      number += 1
      const body = JSON.stringify({ ...makeSale(number), ...place })
      const reply = await client.post('/v1/transactions', 'application/json', body)
      if (reply?.status === 201) recorded += 1
    }
    const isDone = { now: false }
    const selling = Array.from({ length: 4 }, async () => {
      while (!isDone.now) await sellOne()
    })
    const rotation = await cli().printed<{ kid: string; activeFrom: string }>(['key', 'rotate-signing'])
    const other = await cli().printed<{ kid: string }>(['key', 'rotate-signing', '--reason', 'once more'])
    expect(other.kid).not.toBe(rotation.kid)
    // A second till gets its first token from the new key, while the first one goes on with what it has.
    await systemClock.sleep(4 * pollMs)
    const second = await enrolAnother(pool)
    isDone.now = true
    await Promise.all(selling)
    const [token = ''] = [(await second.headersFor('POST', '/x')).authorization?.slice(5)]
    expect([rotation.kid, other.kid]).toContain(kidOf(token))
    expect(kidOf((await till.headersFor('POST', '/x')).authorization?.slice(5) ?? '')).not.toBe(kidOf(token))

    expect(recorded).toBe(number)
    expect(recorded).toBeGreaterThan(20)
    expect([...statuses.keys()]).toEqual([201])
    expect(Math.min(...balancer.counts())).toBeGreaterThan(5)

    await cli().printed(['till', 'revoke', till.registration.clientId, '--reason', 'stolen'])
    const revokedAtMs = Date.now()
    await expect(
      (async () => {
        while (Date.now() - revokedAtMs < 60_000) await sellOne()
      })(),
    ).rejects.toMatchObject({ code: 'unauthorized' })
    expect(Date.now() - revokedAtMs).toBeLessThan(30_000)
    const tills = await cli().printed<{ clientId: string; revokedAt?: string }[]>(['till', 'list'])
    expect(tills.find(({ clientId }) => clientId === till.registration.clientId)?.revokedAt).toBeDefined()
    expect(tills.find(({ clientId }) => clientId === second.registration.clientId)?.revokedAt).toBeUndefined()
    stopped.abort()
    await pool.destroy()
  })
})

async function enrolAnother(pool: Pool): Promise<TillIdentity> {
  const { code } = await cli().printed<{ code: string }>(['till', 'invite', '--store', '9', '--till', '2'])
  const place = { publicUrl: balancer.address, businessUnitId: '9', workstationId: '2', code }
  return TillIdentity.enrol(place, { pool })
}

function kidOf(token: string): string {
  const [head = ''] = token.split('.')
  return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid
}
