import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { systemClock } from '../../src/contract/clock.ts'
import { createDpopNonces, dpopNonceSecret } from '../../src/http/auth/dpop-nonce.ts'
import { approveDevice, findDeviceRequest, refuseDevice } from '../../src/identity/device-requests.ts'
import type { ShownCode } from '../../src/simulator/till/device-enrolment.ts'
import { TillIdentity } from '../../src/simulator/till/till-identity.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestApi, type TestApi } from './api.ts'
import { post, proofOf } from './oauth-client.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
let actor = 'person:0'

beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { trustedProxies: ['127.0.0.1/32'] })
})
// Each test has a manager of its own, whose wrong tries are nobody else's.
beforeEach(() => {
  actor = `person:${Number(actor.slice(7)) + 1}`
})
afterAll(async () => {
  expect(api.complaints()).toEqual([])
  await api.close()
  await database.drop()
})

const newKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { clientId: 'tillflow-till', privateKey, publicJwk: publicKey.export({ format: 'jwk' }), issuer: '' }
}
type Key = ReturnType<typeof newKey>
const nonce = () => createDpopNonces(dpopNonceSecret(api.identityKey), systemClock).current()
const proof = (key: Key, path: string, token?: string) => ({
  dpop: proofOf(key, `${api.address}${path}`, { nonce: nonce() }, token),
})
const grantType = 'urn:ietf:params:oauth:grant-type:device_code'

const ask = (key: Key, more: object = {}, address?: string) => {
  const headers = { ...proof(key, '/oauth/device/auth'), ...(address && { 'x-forwarded-for': address }) }
  return post(api.pool, '/oauth/device/auth', headers, {
    ...{ client_id: 'tillflow-till', scope: 'enrol:till', ...more },
  })
}
const poll = (key: Key, deviceCode: unknown) => {
  const form = { grant_type: grantType, client_id: 'tillflow-till', device_code: String(deviceCode) }
  return post(api.pool, '/oauth/token', proof(key, '/oauth/token'), form)
}
const enrol = (key: Key, token: string, body: object = {}) => {
  const headers = { authorization: `DPoP ${token}`, ...proof(key, '/v1/tills', token) }
  return post(api.pool, '/v1/tills', headers, JSON.stringify(body))
}
/** As if so much time had gone by since the till asked last. */
const letTimePass = () =>
  database.pool.query(
    "update identity_provider_state set asked_at = asked_at - interval '1 minute' where model = 'DeviceCode'",
  )
const approve = (userCode: unknown, store: string, till: string) =>
  approveDevice(database.pool, api.identityKey, { userCode: String(userCode), store, till, actor })
const look = (userCode: unknown) =>
  findDeviceRequest(database.pool, api.identityKey, { userCode: String(userCode), actor })

describe('a till that shows a code', () => {
  it('enrols when a manager has said which till it is, and sells', async () => {
    let shown: ShownCode | undefined
    const waits: number[] = []
    const clock = {
      now: systemClock.now,
      // Nobody waits for real; the hub is told that somebody did.
      sleep: async (ms: number) => {
        waits.push(ms)
        await letTimePass()
        if (waits.length === 2) await approve(shown?.userCode.toLowerCase().replace('-', ' '), '9', '1')
      },
    }
    const show = (code: ShownCode) => {
      shown = code
    }
    const wanted = { publicUrl: api.address, deviceName: 'Kasse 1', show, clock }
    const till = await TillIdentity.enrolByApproval(wanted, { pool: api.pool })
    expect(shown?.userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
    expect(shown).toMatchObject({
      verificationUri: `${api.address}/auth/devices`,
      verificationUriComplete: `${api.address}/auth/devices?code=${shown?.userCode}`,
    })
    expect(waits).toEqual([5_000, 5_000])
    expect(till.registration).toMatchObject({ businessUnitId: '9', workstationId: '1' })
    const sell = async () => {
      const headers = await till.headersFor('POST', '/v1/transactions')
      const sale = { ...makeSale(1), businessUnitId: '9', workstationId: '1' }
      return post(api.pool, '/v1/transactions', headers, JSON.stringify(sale))
    }
    const first = await sell()
    till.learn(first.status, first.headers)
    expect([201, 200]).toContain((await sell()).status)
    const [approved] = await readActs(database.pool, 'till:9/1')
    expect(approved).toMatchObject({
      actor,
      act: 'till.approve',
      details: { deviceName: 'Kasse 1', address: '127.0.0.1' },
    })
    expect(await readActs(database.pool, `till:${till.registration.clientId}`)).toMatchObject([{ act: 'till.enrol' }])
  })

  it('is shown to whoever has its code: name, address, key and time', async () => {
    const key = newKey()
    const { status, body } = await ask(key, { device_name: 'Till 2' })
    expect({ status, body }).toMatchObject({ status: 200, body: { expires_in: 600, interval: 5 } })
    expect(await look(body.user_code)).toMatchObject({
      deviceName: 'Till 2',
      address: '127.0.0.1',
      keyThumbprint: expect.stringMatching(/^[\w-]{43}$/),
      askedAt: expect.any(Date),
    })
  })

  it('is shown, and kept in acts, without a number of a card that somebody gave as its name', async () => {
    const { body } = await ask(newKey(), { device_name: 'Till 4111 1111 1111 1111' })
    expect((await look(body.user_code)).deviceName).toBe('Till 4111 11XX XXXX 1111')
    await approve(body.user_code, '9', '9')
    const { rows } = await database.pool.query(
      `select count(*)::int as count from audit_acts where details::text like '%4111 1111%'`,
    )
    expect(rows).toEqual([{ count: 0 }])
  })

  it('enrols once, with the key that was approved and no other', async () => {
    const key = newKey()
    const { body } = await ask(key)
    await approve(body.user_code, '9', '3')
    const { body: granted } = await poll(key, body.device_code)
    const token = String(granted.access_token)
    expect(granted).toMatchObject({ token_type: 'DPoP', scope: 'enrol:till' })
    expect(granted).not.toHaveProperty('refresh_token')
    expect(await enrol(newKey(), token)).toMatchObject({ status: 401, body: { code: 'invalid-dpop-proof' } })
    expect(await enrol(key, `${token.slice(0, -8)}AAAAAAAA`)).toMatchObject({ body: { code: 'invalid-token' } })
    expect(await enrol(key, token)).toMatchObject({ status: 201, body: { businessUnitId: '9', workstationId: '3' } })
    expect(await enrol(key, token)).toMatchObject({ status: 401, body: { code: 'enrolment-code-invalid' } })
  })

  it('can do nothing else with what it got', async () => {
    const key = newKey()
    const { body } = await ask(key)
    await approve(body.user_code, '9', '4')
    const token = String((await poll(key, body.device_code)).body.access_token)
    const headers = { authorization: `DPoP ${token}`, ...proof(key, '/v1/transactions', token) }
    const sold = await post(api.pool, '/v1/transactions', headers, JSON.stringify(makeSale(1)))
    expect(sold).toMatchObject({ status: 401, body: { code: 'invalid-token' } })
    const other = post(api.pool, '/oauth/token', proof(key, '/oauth/token'), {
      ...{ grant_type: 'client_credentials', client_id: 'tillflow-till', scope: 'enrol:till' },
    })
    expect((await other).body).toMatchObject({ error: 'invalid_request' })
  })

  it('is refused, and learns it', async () => {
    const key = newKey()
    const { body } = await ask(key)
    await refuseDevice(database.pool, api.identityKey, { userCode: String(body.user_code), actor })
    expect((await poll(key, body.device_code)).body.error).toBe('access_denied')
    await expect(approve(body.user_code, '9', '5')).rejects.toMatchObject({ code: 'device-code-unknown' })
    await expect(look('BBBB-BBBB')).rejects.toMatchObject({ code: 'device-code-unknown' })
  })

  it('is answered once, by whoever is first', async () => {
    const { body } = await ask(newKey())
    const answers = await Promise.allSettled(['6', '7', '8'].map((till) => approve(body.user_code, '9', till)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})

describe('row 66 of the catalogue', () => {
  it('who asks too often is slowed down, and more so each time', async () => {
    const key = newKey()
    const { body } = await ask(key)
    const errors: unknown[] = []
    for (let index = 0; index < 3; index += 1) errors.push((await poll(key, body.device_code)).body.error)
    expect(errors).toEqual(['authorization_pending', 'slow_down', 'slow_down'])
    const { rows } = await database.pool.query(
      "select max(ask_every_seconds) as seconds from identity_provider_state where model = 'DeviceCode'",
    )
    expect(rows).toEqual([{ seconds: 15 }])
    await letTimePass()
    expect((await poll(key, body.device_code)).body.error).toBe('authorization_pending')
  })

  it('a code that was used is good for nothing more', async () => {
    const key = newKey()
    const { body } = await ask(key)
    await approve(body.user_code, '10', '1')
    expect((await poll(key, body.device_code)).status).toBe(200)
    await letTimePass()
    expect(await poll(key, body.device_code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('a code of another till, and one that is made up, are good for nothing', async () => {
    const [key, thief] = [newKey(), newKey()]
    const { body } = await ask(key)
    await approve(body.user_code, '10', '2')
    expect(await poll(thief, body.device_code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(await poll(key, 'x'.repeat(43))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  it('a code that has ended is told to have ended, and nobody can approve it', async () => {
    const key = newKey()
    const { body } = await ask(key)
    const now = Date.now
    Date.now = () => now() + 601_000
    try {
      expect(await poll(key, body.device_code)).toMatchObject({ status: 400, body: { error: 'expired_token' } })
      await expect(approve(body.user_code, '10', '3')).rejects.toMatchObject({ code: 'device-code-unknown' })
    } finally {
      Date.now = now
    }
  })

  it('five wrong codes of one person lock the right one too, for that person', async () => {
    const { body } = await ask(newKey())
    const wrong = await Promise.allSettled(['B', 'C', 'D', 'F', 'G'].map((one) => look(one.repeat(8))))
    expect(wrong.every(({ status }) => status === 'rejected')).toBe(true)
    await expect(look(body.user_code)).rejects.toMatchObject({ code: 'tries-exceeded' })
    expect(await readActs(database.pool, actor)).toMatchObject([{ act: 'till.lock-codes' }])
    actor = `${actor}-other`
    expect(await look(body.user_code)).toBeDefined()
    actor = 'person:99'
  })

  it.each<[string, string, (key: Key) => ReturnType<typeof post>]>([
    [
      'without a key',
      'invalid_dpop_proof',
      () => post(api.pool, '/oauth/device/auth', {}, { client_id: 'tillflow-till', scope: 'enrol:till' }),
    ],
    [
      'with a proof of before',
      'use_dpop_nonce',
      (key) =>
        post(
          api.pool,
          '/oauth/device/auth',
          { dpop: proofOf(key, `${api.address}/oauth/device/auth`) },
          {
            ...{ client_id: 'tillflow-till', scope: 'enrol:till' },
          },
        ),
    ],
    ['for more than to enrol', 'invalid_scope', (key) => ask(key, { scope: 'admin:write' })],
    ['with a name that is markup', 'invalid_request', (key) => ask(key, { device_name: '<b>echo7f3a</b>' })],
    ['as the hub itself', 'invalid_client', (key) => ask(key, { client_id: 'tillflow-web' })],
    ['for another API', 'invalid_target', (key) => ask(key, { resource: 'https://other.example' })],
  ])('a request for a code %s gets none', async (_what, error, send) => {
    const reply = await send(newKey())
    expect(reply.body).toMatchObject({ error })
    expect([400, 401]).toContain(reply.status)
    expect(JSON.stringify(reply.body)).not.toContain('echo7f3a')
  })
})

describe('many who ask for codes', () => {
  it('wait where thirty of one address do, and keep nobody elsewhere out', async () => {
    const [crowded, quiet] = ['192.0.2.7', '192.0.2.8']
    const first = await ask(newKey(), {}, crowded)
    for (let index = 1; index < 30; index += 1) expect((await ask(newKey(), {}, crowded)).status).toBe(200)
    const refused = await ask(newKey(), {}, crowded)
    expect(refused).toMatchObject({ status: 400, body: { error: 'temporarily_unavailable' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(200)
    expect((await ask(newKey(), {}, quiet)).status).toBe(200)
    // One that was approved does not wait any more.
    await approve(first.body.user_code, '11', '1')
    expect((await ask(newKey(), {}, crowded)).status).toBe(200)
  })

  it('are a thousand that can still be approved, and no code that has ended counts', async () => {
    const fill = `insert into identity_provider_state (model, id_hash, sealed, expires_at)
      select 'DeviceCode', sha256(i::text::bytea), '', clock_timestamp() + $1 * interval '1 s' from generate_series(1, 1000) as i`
    const clear = () => database.pool.query("delete from identity_provider_state where sealed = ''")
    try {
      await database.pool.query(fill, [590])
      expect((await ask(newKey(), {}, '192.0.2.9')).status).toBe(200)
      await clear()
      await database.pool.query(fill, [1_190])
      expect((await ask(newKey(), {}, '192.0.2.9')).body).toMatchObject({ error: 'temporarily_unavailable' })
    } finally {
      await clear()
    }
  })
})
