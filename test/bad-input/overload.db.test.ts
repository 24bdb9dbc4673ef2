import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub, type TestHub } from './hub.ts'

const answerWithinMs = 600

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await startTestHub(database.pool, { answerWithinMs })
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

function send(number: number, workstationId: string) {
  return hub.server.inject({
    method: 'POST',
    url: '/v1/transactions',
    headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/json' },
    payload: JSON.stringify(makeSale(number, { workstationId })),
  })
}

const recorded = async () => Number((await database.pool.query('select count(*) from transactions')).rows[0].count)
const moment = () => new Promise((resolve) => setTimeout(resolve, 50))

/** Resolves when so many commits stand before the lock. */
async function waitForCommits(count: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { rows } = await database.pool.query(
      `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (Number(rows[0].count) >= count) return
    await moment()
  }
  throw new Error('nothing stands before the lock')
}

it('80: what waits too long for a database that stands still is 503 in time, and never a late 201', async () => {
  expect((await send(1, '1')).statusCode).toBe(201)
  const holder = await database.pool.connect()
  await holder.query('begin; lock table transactions in access exclusive mode')
  // Two groups are on their way; whoever comes now waits.
  const onTheirWay = [send(2, '1')]
  await waitForCommits(1)
  onTheirWay.push(send(2, '2'))
  await waitForCommits(2)
  const startedAt = Date.now()
  const refused = await Promise.all(['3', '4', '5', '1'].map((workstation) => send(3, workstation)))
  const waitedMs = Date.now() - startedAt
  await holder.query('rollback')
  holder.release()
  expect(waitedMs).toBeGreaterThanOrEqual(answerWithinMs - 10)
  for (const answer of refused) {
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'temporary-reduced-capacity'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  }
  expect((await Promise.all(onTheirWay)).map(({ statusCode }) => statusCode)).toEqual([201, 201])
  await moment()
  expect(await recorded()).toBe(3)
  // Sent again, as every till does that was told to wait: new, not a duplicate.
  expect((await send(3, '3')).statusCode).toBe(201)
})
