import { generateKeyPairSync, verify } from 'node:crypto'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { recordContext } from '../../testing/connector/context.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { describeConnectorConformance } from '../../testing/connector-conformance.ts'
import { webhook } from './connector.ts'
import type { TransactionCloudEvent } from './translate.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const previousSecret = 'whsec_dGhlIHByZXZpb3VzIHNlY3JldCBvZiBhIHJlY2VpdmVy'
const url = 'https://hooks.example.com/in?token=4711'

describeConnectorConformance(webhook, {
  settings: { url, secret, previousSecret },
  samples: { directory: join(import.meta.dirname, 'samples'), extension: 'json' },
  amountsOf: (sent) => {
    const { grandTotal = '', taxTotal = '' } = (sent as TransactionCloudEvent).data.totals ?? {}
    return { total: grandTotal, tax: taxTotal }
  },
  http: {
    accept: () => ({ status: 200, headers: {}, body: '' }),
    idempotencyKeyOf: (request) => request.headers?.['webhook-id'],
    readsBody: false,
  },
})

async function send(settings: Record<string, string>) {
  const connection = webhook.connect({ url, ...settings }, { logger: silentLogger, allowPrivateNetwork: false })
  const { context, sent } = recordContext(async () => ({ status: 204, headers: {}, body: '' }), {
    now: () => Date.now(),
  })
  await connection.postTransaction?.(makeEvent(), context)
  return { headers: sent[0]?.headers ?? {}, body: String(sent[0]?.body) }
}

it('tells a receiver whom to forget by receipts and a reference', async () => {
  const connection = webhook.connect({ url, secret }, { logger: silentLogger, allowPrivateNetwork: false })
  const { context, sent } = recordContext(async () => ({ status: 204, headers: {}, body: '' }), {
    now: () => Date.now(),
  })
  const { transaction: _, ...envelope } = makeEvent()
  const reference = 'ref_kO0aXrTq1dVwXW0m4zJ2cA'
  const told = { kind: 'customer', reference, transactionKeys: ['till:9/3/-/1'], transactionsCount: 1 } as const
  const event = { ...envelope, type: 'customer.erased.v1', subject: `customer:${reference}`, ...told }
  expect(await connection.eraseCustomer?.(event, context)).toMatchObject({ kind: 'delivered' })
  const body = new Webhook(secret).verify(String(sent[0]?.body), sent[0]?.headers ?? {})
  expect(body).toMatchObject({ type: 'customer.erased.v1', subject: `customer:${reference}`, data: told })
})

it('an answer that takes longer than the webhook may take is given up', async () => {
  const settings = { url, secret, timeoutMs: 100 }
  const connection = webhook.connect(settings, { logger: silentLogger, allowPrivateNetwork: false })
  const { context } = recordContext(({ signal }) => {
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  expect((await connection.postTransaction?.(makeEvent(), context))?.kind).toBe('unknown')
})

describe('the signatures of webhooks', () => {
  it('are accepted by an independent receiver, under the present secret and the previous one', async () => {
    const { headers, body } = await send({ secret, previousSecret })
    for (const known of [secret, previousSecret]) {
      expect(new Webhook(known).verify(body, headers)).toMatchObject({ specversion: '1.0' })
    }
    expect(() => new Webhook('whsec_b3RoZXI=').verify(body, headers)).toThrow()
    expect(() => new Webhook(secret).verify(body.replace('5.00', '6.00'), headers)).toThrow()
    expect(() => new Webhook(secret).verify(body, { ...headers, 'webhook-id': 'another' })).toThrow()
  })

  it('are Ed25519 where a key pair is set', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(16)
    const { headers, body } = await send({ signature: 'ed25519', secret: `whsk_${seed.toString('base64')}` })
    const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const [version, signature = ''] = headers['webhook-signature']?.split(',') ?? []
    expect(version).toBe('v1a')
    expect(verify(null, Buffer.from(content), publicKey, Buffer.from(signature, 'base64'))).toBe(true)
  })

  it.each([
    [{ secret: 'hunter2' }],
    [{ secret: 'whsec_c2hvcnQ=' }],
    [{ secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa*w' }],
    [{ secret, signature: 'ed25519' }],
    [{ secret: 'whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', signature: 'ed25519' }],
    [{ secret, previousSecret: 'old' }],
  ])('are refused at save with a key that is none: %j', (settings) => {
    expect(() => webhook.connect({ url, ...settings }, { logger: silentLogger, allowPrivateNetwork: false })).toThrow(
      expect.objectContaining({ code: 'settings-invalid' }),
    )
  })
})
