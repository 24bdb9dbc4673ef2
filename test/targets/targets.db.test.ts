import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../src/contract/problem.ts'
import { ForgetfulBooks, makeTarget, startTarget, until } from '../../src/delivery/simulation/forgetful-target.ts'
import { readTargetStatus } from '../../src/delivery/status.ts'
import { createToken } from '../../src/http/auth/token-store.ts'
import { shardOf } from '../../src/journal/shard.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { appendTestEvents } from '../../src/testing/journal.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub, type TestHub } from '../bad-input/hub.ts'

const features = { idempotent: true, lookUp: true, repeatable: true }
const books = new ForgetfulBooks()
let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub
let reader = ''
let admin = ''
/** Made before tokens of stores were refused these scopes. */
let adminOfStore = ''
let refuses = true

beforeAll(async () => {
  database = await createTestDatabase()
  const { pool } = database
  const connect = async (name: string) => {
    if (name !== 'erp') throw new Problem('unknown-target')
    return { target: await makeTarget(pool, books, { features }), close: async () => {} }
  }
  hub = await startTestHub(pool, { targets: { db: pool, connect } })
  reader = (await createToken(pool, { name: 'reader', scopes: ['admin:read'] })).token
  admin = (await createToken(pool, { name: 'admin', scopes: ['admin:read', 'admin:write'] })).token
  const old = await createToken(pool, { name: 'admin of store 9', scopes: ['admin:read', 'admin:write'] })
  await pool.query("update api_tokens set stores = '{9}' where token_id = $1", [old.tokenId])
  adminOfStore = old.token
  await appendTestEvents(
    pool,
    Array.from({ length: 12 }, (_, number) => ({
      orderingKey: `9/${number % 3}`,
      shard: shardOf(`9/${number % 3}`),
      transaction: makeSale(number),
    })),
  )
  books.judge = ({ subject }) =>
    refuses && subject.endsWith('/5') ? { kind: 'rejected', reason: 'HTTP 422: unknown item 4711' } : undefined
  await deliver()
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const status = async () => (await readTargetStatus(database.pool))[0]
async function deliver(isOver = async () => (await status())?.pending === 0): Promise<void> {
  const running = await startTarget(database.pool, books, { features })
  await until(isOver, 'delivery is over')
  await running.stop()
}

async function call(method: 'GET' | 'POST', url: string, token = admin, payload?: unknown) {
  const answer = await hub.server.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, ...(payload !== undefined && { 'content-type': 'application/json' }) },
    ...(payload !== undefined && { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) }),
  })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

describe('who may act on targets', () => {
  it('is for operators; a token of one store that was made with their scopes sees no counts and changes nothing', async () => {
    expect((await call('GET', '/v1/targets', 'tf_wrong')).status).toBe(401)
    expect((await call('GET', '/v1/targets', hub.token)).body.code).toBe('permission-missing')
    const seen = await call('GET', '/v1/targets', adminOfStore)
    expect([seen.status, JSON.stringify(seen.body)]).toEqual([
      200,
      expect.not.stringMatching(/delivered|parked|pending/),
    ])
    const pause = await call('POST', '/v1/targets/erp/pause', adminOfStore, { reason: 'x' })
    expect(pause.body.code).toBe('permission-missing')
    expect((await call('POST', '/v1/targets/erp/pause', reader)).body.code).toBe('permission-missing')
  })

  it.each(['admin:read', 'admin:write'] as const)('a token of some stores is not made with %s', async (scope) => {
    const made = createToken(database.pool, { name: 'store 9', stores: ['9'], scopes: ['transactions:write', scope] })
    await expect(made).rejects.toMatchObject({ code: 'settings-invalid' })
    const { rows } = await database.pool.query("select from api_tokens where name = 'store 9' and scopes && $1", [
      [scope],
    ])
    expect(rows).toEqual([])
  })

  it('says 405 with what is allowed', async () => {
    const answer = await call('GET', '/v1/targets/erp/pause')
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST'])
    expect((await call('POST', '/v1/targets/erp/replays/x')).headers.allow).toBe('GET')
    expect((await call('GET', '/v1/targets/erp/nothing')).status).toBe(404)
  })
})

describe('bad requests on targets', () => {
  const marker = 'echo7f3a'
  it.each<[string, string, unknown, number, string]>([
    ['a pause without a reason', '/erp/pause', {}, 422, 'request-invalid'],
    ['an empty reason', '/erp/drain', { reason: '' }, 422, 'request-invalid'],
    ['a long reason', '/erp/pause', { reason: marker.repeat(100) }, 422, 'request-invalid'],
    ['a field that nobody knows', '/erp/pause', { reason: marker, [marker]: marker }, 422, 'request-invalid'],
    ['no JSON', '/erp/pause', `{"reason":"${marker}"`, 400, 'json-malformed'],
    ['a key twice', '/erp/pause', `{"reason":"a","reason":"${marker}"}`, 400, 'duplicate-key'],
    ['another target', '/nobody/pause', { reason: marker }, 404, 'unknown-target'],
    ['another target of a plan', '/nobody/replays', { reason: marker }, 404, 'unknown-target'],
    ['a retry of nothing', '/erp/retry', {}, 422, 'request-invalid'],
    ['a fingerprint that is none', '/erp/retry', { fingerprint: marker }, 422, 'request-invalid'],
    ['a plan without a reason', '/erp/replays', { error: marker }, 422, 'request-invalid'],
    ['a mode that is none', '/erp/replays', { reason: 'x', mode: marker }, 422, 'request-invalid'],
    ['a rate of nothing', '/erp/replays', { reason: 'x', ratePerSecond: 0 }, 422, 'request-invalid'],
    ['a time that is none', '/erp/replays', { reason: 'x', recordedSince: marker }, 422, 'request-invalid'],
    ['a replay that is none', `/erp/replays/${marker}/run`, {}, 404, 'unknown-replay'],
  ])('%s is told, and not repeated', async (_name, path, payload, code, problem) => {
    const answer = await call('POST', `/v1/targets${path}`, admin, payload)
    expect([answer.status, answer.body.code]).toEqual([code, problem])
    expect(JSON.stringify(answer.body)).not.toContain(marker)
    expect(await status()).toMatchObject({ state: 'active' })
  })
})

describe('what is not as the API document says', () => {
  it.each([
    ['/erp/parked?limit=201', 'invalid-page'],
    ['/erp/parked?limit=5&limit=6', 'invalid-page'],
    ['/erp/parked?group=echo7f3a', 'request-invalid'],
    ['/erp/replays?limit=0', 'invalid-page'],
    ['/erp/replays/x?preview=echo7f3a', 'request-invalid'],
  ])('GET /v1/targets%s is refused with %s', async (path, code) => {
    const { body } = await call('GET', `/v1/targets${path}`, reader)
    expect(body.code).toBe(code)
    expect(JSON.stringify(body)).not.toContain('echo7f3a')
  })

  it('takes no body of another type for an empty one', async () => {
    const answer = await hub.server.inject({
      method: 'POST',
      url: '/v1/targets/erp/resume',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/x-ndjson' },
      payload: '{"reason":"a"}',
    })
    expect([answer.statusCode, answer.json().code]).toEqual([415, 'unsupported-media-type'])
  })
})

describe('targets over HTTP', () => {
  it('tells what is parked by cause, and takes a whole cause back', async () => {
    const { body } = await call('GET', '/v1/targets/erp/parked?group=fingerprint', reader)
    expect(body.groups).toMatchObject([{ pattern: 'HTTP 422: unknown item <n>', count: 1, examples: ['till:9/2/5'] }])
    expect((await call('GET', '/v1/targets/erp/parked', reader)).body.events).toHaveLength(1)
    refuses = false
    const { fingerprint } = body.groups[0]
    expect((await call('POST', '/v1/targets/erp/retry', admin, { fingerprint })).body).toEqual({ retried: 1 })
    await deliver()
    expect(books.documents).toHaveLength(12)
  })

  it('pauses, drains and resumes', async () => {
    const paused = await call('POST', '/v1/targets/erp/pause', admin, { reason: 'stock-taking' })
    expect(paused).toMatchObject({ status: 200, body: { changed: true, pause: { reason: 'stock-taking' } } })
    expect((await call('POST', '/v1/targets/erp/resume')).body).toEqual({ changed: true })
    const drained = await call('POST', '/v1/targets/erp/drain', admin, { reason: 'new server' })
    expect(drained).toMatchObject({ status: 202, body: { changed: true, drain: { reason: 'new server' } } })
    await deliver(async () => (await status())?.state === 'paused')
    expect((await call('GET', '/v1/targets', reader)).body.targets).toMatchObject([
      { name: 'erp', state: 'paused', pause: { reason: 'new server' } },
    ])
    expect((await call('POST', '/v1/targets/erp/resume')).body).toEqual({ changed: true })
    expect((await call('POST', '/v1/targets/erp/resume')).body).toEqual({ changed: false })
  })

  it('plans a replay, shows what would change page by page, and runs exactly that', async () => {
    books.documents = books.documents.filter((one) => !/\/(1|2)$/.test(one.subject))
    const planned = await call('POST', '/v1/targets/erp/replays', admin, {
      reason: 'restored from a backup',
      businessUnitId: '9',
      ratePerSecond: 1_000,
      error: null,
    })
    expect(planned).toMatchObject({
      status: 201,
      body: { replay: { state: 'planned', counts: { matched: 12, items: { delivered: 12 } } } },
    })
    const url = String(planned.headers.location)
    const pages: { receipt: string; preview: { effect: string } }[] = []
    for (let after = ''; ; ) {
      const { body } = await call('GET', `${url}?limit=5&preview=1${after}`, reader)
      pages.push(...body.items)
      if (body.next === undefined) break
      after = `&after=${body.next}`
    }
    expect(pages).toHaveLength(12)
    expect(pages.filter((one) => one.preview.effect === 'new-document').map((one) => one.receipt)).toEqual([
      'till:9/1/1',
      'till:9/2/2',
    ])
    expect((await call('GET', `${url}?limit=0`, reader)).body.code).toBe('invalid-page')
    expect((await call('GET', `${url}?after=x`, reader)).body.code).toBe('invalid-page')
    expect((await call('POST', `${url}/pause`)).body.code).toBe('replay-state')
    expect((await call('POST', `${url}/run`, admin, {})).body).toMatchObject({ replay: { state: 'running' } })
    expect((await call('POST', `${url}/pause`)).body).toMatchObject({ replay: { state: 'paused' } })
    expect((await call('POST', `${url}/resume`)).body).toMatchObject({ replay: { state: 'running' } })
    await deliver(async () => (await call('GET', url, reader)).body.replay.state === 'finished')
    const { body } = await call('GET', url, reader)
    expect(body.progress).toMatchObject({ planned: 0, open: 0, outcomes: { delivered: 12 } })
    expect(body.acts.map((one: { act: string }) => one.act)).toEqual([
      'replay.plan',
      'replay.run',
      'replay.pause',
      'replay.resume',
    ])
    expect(body.acts[0].actor).toMatch(/^token:/)
    expect(books.documents).toHaveLength(12)
    expect((await call('GET', url.replace('/erp/', '/shop/'), reader)).body.code).toBe('unknown-replay')
  })

  it('shows a plan of a target that is paused, says so, and runs no plan that is too old', async () => {
    await call('POST', '/v1/targets/erp/pause', admin, { reason: 'stock-taking' })
    const planned = await call('POST', '/v1/targets/erp/replays', admin, { reason: 'x' })
    const url = String(planned.headers.location)
    const { body } = await call('GET', `${url}?preview=1`, reader)
    expect(body.replay).toMatchObject({ state: 'planned', targetPause: { code: 'operator', reason: 'stock-taking' } })
    expect(body.items.map((one: { preview: { effect: string } }) => one.preview.effect)).toEqual(
      Array.from({ length: 12 }, () => 'none'),
    )
    await call('POST', '/v1/targets/erp/resume')
    expect((await call('GET', url, reader)).body.replay.targetPause).toBeUndefined()
    await database.pool.query(
      "update delivery_replays set planned_at = now() - interval '8 days' where replay_id = $1",
      [body.replay.replayId],
    )
    expect(await call('POST', `${url}/run`, admin, {})).toMatchObject({ status: 409, body: { code: 'replay-expired' } })
    expect((await call('POST', `${url}/abort`)).body).toMatchObject({ replay: { state: 'aborted' } })
  })

  it('asks for a yes before anything is sent twice, and can be told no', async () => {
    const planned = await call('POST', '/v1/targets/erp/replays', admin, { reason: 'x', mode: 'again' })
    const url = String(planned.headers.location)
    expect(await call('POST', `${url}/run`, admin, {})).toMatchObject({
      status: 409,
      body: { code: 'replay-unconfirmed' },
    })
    expect((await call('POST', `${url}/abort`)).body).toMatchObject({ replay: { state: 'aborted' } })
    expect((await call('POST', `${url}/run`, admin, { confirm: 'again' })).body.code).toBe('replay-state')
    expect((await call('GET', '/v1/targets/erp/replays', reader)).body.replays).toHaveLength(3)
  })
})
