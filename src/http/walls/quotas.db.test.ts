import { performance } from 'node:perf_hooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../../test/bad-input/hub.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { makeSale } from '../../testing/receipts.ts'
import type { HttpWalls } from '../deps.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub
const start = async (walls: HttpWalls) => {
  hub = await startTestHub(database.pool, { walls })
}
beforeEach(async () => {
  database = await createTestDatabase()
})
afterEach(async () => {
  await hub.close()
  await database.drop()
})

const send = (number: number, token: string, workstationId = '1', remoteAddress = '192.0.2.1') =>
  hub.server.inject({
    method: 'POST',
    url: '/v1/transactions',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    payload: JSON.stringify(makeSale(number, { workstationId })),
    remoteAddress,
  })
const count = async () => Number((await database.pool.query('select count(*) from transactions')).rows[0].count)
const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN

describe('79: a till that floods', () => {
  it('is told to wait, with nothing kept; another is neither refused nor slowed', async () => {
    await start({ callerRequestsPerSecond: 1, callerRequestsBurst: 20 })
    const time = async (number: number) => {
      const at = performance.now()
      expect((await send(number, hub.token, '2')).statusCode).toBe(201)
      return performance.now() - at
    }
    const quiet: number[] = []
    for (let number = 1; number <= 7; number += 1) quiet.push(await time(number))
    const startedAt = performance.now()
    const flood = Array.from({ length: 300 }, (_, index) => send(index + 1, hub.storeToken))
    const meanwhile: number[] = []
    for (let number = 8; number <= 14; number += 1) meanwhile.push(await time(number))
    const answers = await Promise.all(flood)
    const refilled = Math.floor((performance.now() - startedAt) / 1_000) + 1
    const recorded = answers.filter(({ statusCode }) => statusCode === 201)
    const refused = answers.filter(({ statusCode }) => statusCode === 429)
    expect(recorded.length).toBeGreaterThanOrEqual(20)
    expect(recorded.length).toBeLessThanOrEqual(20 + refilled)
    expect(recorded.length + refused.length).toBe(300)
    expect(await count()).toBe(recorded.length + 14)
    for (const answer of refused) {
      expect(answer.json()).toMatchObject({ code: 'quota-exceeded', status: 429 })
      expect(answer.headers).toMatchObject({
        'retry-after': '1',
        'ratelimit-policy': '"caller";q=20;w=20',
        ratelimit: '"caller";r=0;t=1',
      })
    }
    expect(recorded[0]?.headers.ratelimit).toBe('"caller";r=19;t=0')
    // One of them stands behind the refusals of the whole flood; the median does not.
    expect(median(meanwhile)).toBeLessThan(median(quiet) * 5 + 50)
  })

  it('is served again after the time that it was told', async () => {
    await start({ callerRequestsPerSecond: 2, callerRequestsBurst: 1 })
    expect((await send(1, hub.token)).statusCode).toBe(201)
    expect((await send(2, hub.token)).statusCode).toBe(429)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect((await send(2, hub.token)).statusCode).toBe(201)
  })

  it('has no quota where there is none', async () => {
    await start({ callerRequestsPerSecond: 0, callerRequestsBurst: 1 })
    const answers = [await send(1, hub.token), await send(2, hub.token)]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201])
    expect(answers[0]?.headers).not.toHaveProperty('ratelimit')
  })
})

describe('an address that guesses', () => {
  const guess = (index: number, address = '192.0.2.1') =>
    send(1, `tf_${String(index).padStart(12, '0')}_${'0'.repeat(43)}`, '1', address)

  it('has to wait, and neither another address nor a till behind the same one does', async () => {
    await start({ failedCredentialsPerMinute: 5 })
    expect((await send(1, hub.storeToken)).statusCode).toBe(201)
    const statuses: number[] = []
    for (let index = 0; index < 8; index += 1) statuses.push((await guess(index)).statusCode)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    const refused = await guess(9)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
    expect(refused.json().code).toBe('quota-exceeded')
    expect((await send(2, hub.storeToken)).statusCode).toBe(201)
    expect((await hub.server.inject({ url: '/livez', remoteAddress: '192.0.2.1' })).statusCode).toBe(200)
    expect((await guess(10, '192.0.2.2')).statusCode).toBe(401)
    // Never seen there before: it waits like everybody of that address, and comes in from elsewhere.
    expect((await send(1, hub.token, '7')).statusCode).toBe(429)
    expect((await send(1, hub.token, '7', '192.0.2.2')).statusCode).toBe(201)
  })
})
