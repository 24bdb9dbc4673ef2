import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../../test/bad-input/hub.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { makeSale } from '../../testing/receipts.ts'

let databases: Awaited<ReturnType<typeof createTestDatabase>>[]
let open: TestHub
let walled: TestHub

beforeAll(async () => {
  databases = await Promise.all([createTestDatabase(), createTestDatabase()])
  const [one, other] = databases.map(({ pool }) => pool)
  if (!one || !other) throw new Error('no database')
  open = await startTestHub(one)
  const walls = { httpHosts: ['hub.example.com', 'hub.example.com:7443'], trustedProxies: ['10.0.0.0/8'] }
  walled = await startTestHub(other, { walls })
})
afterAll(async () => {
  await open.close()
  await walled.close()
  for (const database of databases) await database.drop()
})

const ask = (hub: TestHub, url: string, headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  hub.server.inject({ url, headers, remoteAddress })

describe('headers for browsers', () => {
  it.each(['/livez', '/v1/openapi.json', '/v1/targets', '/nowhere', '/%ff', '/a%20b'])('are on %s', async (url) => {
    const { headers } = await ask(open, url)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers).not.toHaveProperty('server')
  })

  it('let no page of another origin in', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' }
    const asked = await open.server.inject({ method: 'OPTIONS', url: '/v1/transactions', headers })
    expect([asked.statusCode, asked.headers.allow]).toEqual([405, 'POST'])
    const payload = JSON.stringify(makeSale(1))
    const answers = [
      asked,
      await ask(open, '/livez', headers),
      await open.server.inject({
        method: 'POST',
        url: '/v1/transactions',
        headers: { ...headers, authorization: `Bearer ${open.token}`, 'content-type': 'application/json' },
        payload,
      }),
    ]
    for (const answer of answers)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('75: what a proxy says', () => {
  const https = { host: 'hub.example.com', 'x-forwarded-proto': 'https' }

  it('is believed of a proxy of the settings, and of nobody else', async () => {
    expect((await ask(walled, '/livez', https, '10.1.2.3')).headers).toHaveProperty('strict-transport-security')
    expect((await ask(walled, '/livez', https, '192.0.2.1')).headers).not.toHaveProperty('strict-transport-security')
    expect((await ask(open, '/livez', https, '10.1.2.3')).headers).not.toHaveProperty('strict-transport-security')
  })

  it('does not make another name known', async () => {
    const other = { host: 'elsewhere.example', 'x-forwarded-host': 'hub.example.com' }
    expect((await ask(walled, '/v1/openapi.json', other, '10.1.2.3')).statusCode).toBe(200)
    expect((await ask(walled, '/v1/openapi.json', other, '192.0.2.1')).statusCode).toBe(421)
  })
})

describe('75: the name of the hub', () => {
  it.each([
    ['hub.example.com', 200],
    ['HUB.example.com', 200],
    ['hub.example.com:7443', 200],
    ['hub.example.com.elsewhere.example', 421],
    ['elsewhere.example', 421],
    ['127.0.0.1:7070', 421],
    ['', 421],
  ])('%s is answered %i', async (host, status) => {
    const answer = await ask(walled, '/v1/openapi.json', { host })
    expect(answer.statusCode).toBe(status)
    if (status === 421) expect(answer.json()).toMatchObject({ code: 'host-unknown' })
    expect(answer.body).not.toContain('elsewhere')
  })

  it('is not asked of a probe', async () => {
    expect((await ask(walled, '/livez', { host: '10.1.2.3:7070' })).statusCode).toBe(200)
    expect((await ask(walled, '/metrics', { host: '10.1.2.3:7070' })).statusCode).toBe(421)
  })
})
