import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pauseTarget, resumeTarget } from '../../src/delivery/pause.ts'
import { ForgetfulBooks, makeTarget, startTarget, until } from '../../src/delivery/simulation/forgetful-target.ts'
import { readTargetStatus } from '../../src/delivery/status.ts'
import { storeFinder } from '../../src/domain/grant.ts'
import { personCaller } from '../../src/http/auth/caller.ts'
import { grantsOfRoles } from '../../src/http/auth/role-grants.ts'
import { shardOf } from '../../src/journal/shard.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { appendTestEvents } from '../../src/testing/journal.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub, type TestHub } from '../bad-input/hub.ts'

const features = { idempotent: true, lookUp: true, repeatable: true }
const books = new ForgetfulBooks()
const findStores = storeFinder([
  { businessUnitId: '9', region: 'north' },
  { businessUnitId: '10', region: 'south' },
])
const operatorOf = (id: string, region?: string) =>
  personCaller(
    `person:${id}`,
    grantsOfRoles([{ role: 'operator', ...(region !== undefined && { region }) }], findStores),
  )
/** By the name that the request shows: only what becomes of the request is looked at here. */
const people = {
  north: operatorOf('ann', 'north'),
  south: operatorOf('bob', 'south'),
  nowhere: operatorOf('cyd', 'west'),
  everywhere: operatorOf('dan'),
}
type Who = keyof typeof people

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub

beforeAll(async () => {
  database = await createTestDatabase()
  const { pool } = database
  const connect = async () => ({ target: await makeTarget(pool, books, { features }), close: async () => {} })
  hub = await startTestHub(pool, {
    targets: { db: pool, connect },
    authenticate: [async ({ headers }) => people[headers.authorization as Who]],
  })
  await appendTestEvents(
    pool,
    ['9', '10'].flatMap((businessUnitId) =>
      Array.from({ length: 4 }, (_, index) => ({
        orderingKey: `${businessUnitId}/3`,
        shard: shardOf(`${businessUnitId}/3`),
        transaction: makeSale(index + 1, { businessUnitId }),
      })),
    ),
  )
  books.judge = ({ subject }) =>
    /\/[12]$/.test(subject) ? { kind: 'rejected', reason: 'HTTP 422: unknown item' } : undefined
  const running = await startTarget(pool, books, { features })
  await until(async () => (await readTargetStatus(pool))[0]?.pending === 0, 'delivery is over')
  await running.stop()
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

async function call(who: Who, method: 'GET' | 'POST', path: string, body?: object) {
  const answer = await hub.server.inject({
    method,
    url: `/v1/targets/erp${path}`,
    headers: { authorization: who, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { payload: JSON.stringify(body) }),
  })
  return { status: answer.statusCode, body: answer.json(), location: String(answer.headers.location) }
}

const withoutTrace = ({ status, body }: Awaited<ReturnType<typeof call>>) => ({ status, ...body, traceId: undefined })
const parkedOf = async (who: Who): Promise<string[]> =>
  (await call(who, 'GET', '/parked')).body.events.map(({ receipt }: { receipt: string }) => receipt)

describe('somebody who looks after a region', () => {
  it('sees which targets there are and whether they take receipts, and neither counts nor words about a receipt', async () => {
    const targetsOf = async (who: Who) => {
      const answer = await hub.server.inject({ url: '/v1/targets', headers: { authorization: who } })
      return answer.json().targets
    }
    const { pool } = database
    const open = { name: 'erp', connector: 'test', state: 'active', guard: { breaker: 'closed' } }
    expect(await targetsOf('everywhere')).toMatchObject([{ ...open, delivered: 4, parked: 4, pending: 0 }])
    expect(await targetsOf('north')).toEqual([open])
    await pauseTarget(pool, 'erp', 'stock-taking until noon', 'cli:test')
    const since = expect.any(String)
    const paused = { code: 'operator', reason: 'stock-taking until noon', since }
    expect(await targetsOf('north')).toEqual([{ ...open, state: 'paused', pause: paused }])
    // What the target said, it said of a receipt of any store.
    await pool.query(`update delivery_targets set pause_code = 'gone', pause_reason = 'HTTP 410: 10/3/1'`)
    await pool.query(
      `update delivery_guards set held_until = clock_timestamp() + interval '1 h', held_reason = 'HTTP 429: 10/3/1'`,
    )
    const held = { breaker: 'closed', heldUntil: since }
    expect(await targetsOf('everywhere')).toMatchObject([
      { pause: { reason: 'HTTP 410: 10/3/1' }, guard: { heldReason: 'HTTP 429: 10/3/1' } },
    ])
    expect(await targetsOf('north')).toEqual([
      { ...open, state: 'paused', pause: { code: 'gone', since }, guard: held },
    ])
    await pool.query('update delivery_guards set held_until = null, held_reason = null')
    await resumeTarget(pool, 'erp', 'cli:test')
  })

  it('sees what is parked of their stores, in the list and by cause', async () => {
    expect(await parkedOf('everywhere')).toHaveLength(4)
    expect((await parkedOf('north')).toSorted()).toEqual(['till:9/3/1', 'till:9/3/2'])
    expect((await parkedOf('south')).toSorted()).toEqual(['till:10/3/1', 'till:10/3/2'])
    expect(await parkedOf('nowhere')).toEqual([])
    const groups = async (who: Who) => (await call(who, 'GET', '/parked?group=fingerprint')).body.groups
    expect(await groups('everywhere')).toMatchObject([{ count: 4 }])
    const [own] = await groups('north')
    expect(own).toMatchObject({ count: 2 })
    expect(own.examples.every((one: string) => one.startsWith('till:9/'))).toBe(true)
    expect(await groups('nowhere')).toEqual([])
  })

  it('moves nothing of others, by whatever it is named', async () => {
    const { events } = (await call('everywhere', 'GET', '/parked')).body
    const foreign = events.filter(({ receipt }: { receipt: string }) => receipt.startsWith('till:10/'))
    const [{ fingerprint }] = (await call('everywhere', 'GET', '/parked?group=fingerprint')).body.groups
    const eventIds = foreign.map(({ eventId }: { eventId: string }) => eventId)
    expect((await call('north', 'POST', '/retry', { eventIds })).body).toEqual({ retried: 0 })
    expect((await call('nowhere', 'POST', '/retry', { all: true })).body).toEqual({ retried: 0 })
    expect((await call('nowhere', 'POST', '/retry', { fingerprint })).body).toEqual({ retried: 0 })
    expect(await parkedOf('everywhere')).toHaveLength(4)
  })

  it('is told of the store of somebody else what is told of one that does not exist', async () => {
    for (const [path, body] of [
      ['/retry', {}],
      ['/replays', { reason: 'x' }],
    ] as const) {
      const foreign = await call('north', 'POST', path, { ...body, businessUnitId: '10' })
      const none = await call('north', 'POST', path, { ...body, businessUnitId: '4711' })
      expect(foreign).toMatchObject({ status: 404, body: { code: 'unknown-store' } })
      expect(withoutTrace(foreign)).toEqual(withoutTrace(none))
    }
  })

  it('plans replays of their stores, one at a time, and has nothing to do with others', async () => {
    expect(await call('north', 'POST', '/replays', { reason: 'x' })).toMatchObject({
      status: 422,
      body: { code: 'request-invalid' },
    })
    const own = await call('north', 'POST', '/replays', { reason: 'x', businessUnitId: '9' })
    expect(own).toMatchObject({ status: 201, body: { replay: { counts: { matched: 4 } } } })
    const whole = await call('everywhere', 'POST', '/replays', { reason: 'x' })
    const pathOf = ({ location }: { location: string }) => location.replace('/v1/targets/erp', '')
    const list = async (who: Who) => (await call(who, 'GET', '/replays')).body.replays.length
    expect([await list('everywhere'), await list('north'), await list('south')]).toEqual([2, 1, 0])
    const none = await call('south', 'GET', '/replays/3f0e3c56-0000-4000-8000-000000000000')
    expect(none).toMatchObject({ status: 404, body: { code: 'unknown-replay' } })
    for (const foreign of [own, whole]) {
      expect(withoutTrace(await call('south', 'GET', pathOf(foreign)))).toEqual(withoutTrace(none))
      for (const act of ['run', 'resume', 'abort']) {
        const refused = await call('south', 'POST', `${pathOf(foreign)}/${act}`)
        expect(withoutTrace(refused)).toEqual(withoutTrace(none))
      }
    }
    expect((await call('north', 'GET', pathOf(own))).body.replay.state).toBe('planned')
    // The target, and the place of the one replay there, are everybody's.
    const tooFast = { status: 422, body: { code: 'request-invalid', detail: expect.stringContaining('at most 100') } }
    const fast = { reason: 'x', businessUnitId: '9', ratePerSecond: 101 }
    expect(await call('north', 'POST', '/replays', fast)).toMatchObject(tooFast)
    expect(await call('north', 'POST', `${pathOf(own)}/run`, { ratePerSecond: 10_000 })).toMatchObject(tooFast)
    expect((await call('everywhere', 'POST', '/replays', fast)).status).toBe(201)
    expect(await call('north', 'POST', `${pathOf(own)}/pause`)).toMatchObject({
      status: 403,
      body: { code: 'permission-missing', detail: expect.stringContaining('for every store') },
    })
    expect((await call('everywhere', 'POST', `${pathOf(own)}/pause`)).body.code).toBe('replay-state')
    expect((await call('north', 'POST', `${pathOf(own)}/abort`)).body.replay.state).toBe('aborted')
    expect((await call('everywhere', 'GET', pathOf(whole))).body.replay.state).toBe('planned')
  })

  it('puts back what is theirs, and the log names them', async () => {
    expect((await call('north', 'POST', '/retry', { all: true })).body).toEqual({ retried: 2 })
    expect((await parkedOf('everywhere')).toSorted()).toEqual(['till:10/3/1', 'till:10/3/2'])
    const { rows } = await database.pool.query("select actor, details from audit_acts where act = 'parked.retry'")
    expect(rows).toMatchObject([{ actor: 'person:ann', details: { retried: 2 } }])
  })
})
