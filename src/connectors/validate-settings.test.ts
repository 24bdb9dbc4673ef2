import { describe, expect, it } from 'vitest'
import { isProblem } from '../contract/problem.ts'
import { connectors, findConnector, validateConnectorSettings } from './index.ts'

const webhook = findConnector('webhook') ?? expect.unreachable()

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const url = 'https://hooks.example.com/in'

describe('the settings of a connector', () => {
  it('get the defaults of what is not given', () => {
    expect(validateConnectorSettings(webhook, { url, secret })).toEqual({
      url,
      secret,
      signature: 'hmac',
      source: '/tillflow',
    })
  })

  it.each([
    [{ secret }, 'url of the connector webhook is missing'],
    [{ url, secret: '' }, 'secret of the connector webhook is missing'],
    [{ url: 'hooks', secret }, 'must be a URL'],
    [{ url: 1, secret }, 'must be a URL'],
    [{ url, secret: ['x'] }, 'must be text'],
    [{ url, secret: 'a\nb' }, 'must be text without control characters'],
    [{ url, secret, signature: 'md5' }, 'must be one of hmac, ed25519'],
    [{ url, secret, timeoutMs: 99 }, 'must be a whole number from 100 to 60000 ms'],
    [{ url, secret, timeoutMs: 200.5 }, 'must be a whole number'],
    [{ url, secret, timeoutMs: '200' }, 'must be a whole number'],
    [{ url, secret, sekret: 'x' }, 'takes only url, signature, secret'],
    [{ url, secret, __proto__: { url: 'x' }, constructor: 'x' }, 'takes only'],
  ])('are refused: %j', (settings, message) => {
    let refusal: unknown
    try {
      validateConnectorSettings(webhook, settings)
    } catch (error) {
      refusal = error
    }
    expect(isProblem(refusal) && refusal.code).toBe('settings-invalid')
    expect(String(refusal)).toContain(message)
    expect(String(refusal)).not.toContain(secret)
  })
})

describe('the list of connectors', () => {
  it('has every connector once, by its name', () => {
    expect(new Set(connectors.map((connector) => connector.name)).size).toBe(connectors.length)
    for (const connector of connectors) expect(findConnector(connector.name)).toBe(connector)
    expect(findConnector('toString')).toBeUndefined()
  })
})
