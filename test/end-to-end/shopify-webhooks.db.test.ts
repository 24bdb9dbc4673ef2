import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { countKept } from '../../src/intake/read.ts'
import { Secret } from '../../src/settings/secret.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestHub, type TestHub } from '../bad-input/hub.ts'

type Document = Record<string, unknown>

const shop = 'example.myshopify.com'
const secret = 'the secret of the app'
const samples = new URL('../../src/sources/shopify/samples/', import.meta.url)
const sample = (name: string) => JSON.parse(readFileSync(new URL(name, samples), 'utf8'))

const [web] = sample('web-order.theirs.json').orders as [Document & { refunds: Document[]; transactions: Document[] }]
const { transactions: payments, ...rest } = web
const order: Document = rest
const [refund] = web.refunds
const placed: Document = { ...order, refunds: [], financial_status: 'pending' }
const paid: Document = {
  ...placed,
  financial_status: 'paid',
  updated_at: '2026-03-03T08:00:01+01:00',
  total_outstanding: '0.00',
}

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub

beforeAll(async () => {
  database = await createTestDatabase()
  const account = {
    source: 'shopify',
    account: shop,
    names: [shop, 'old-name.myshopify.com'],
    secrets: [new Secret('the secret before'), new Secret(secret)],
    notificationUrl: '',
    storeOf: (location: string | undefined) => (location === undefined ? '9' : undefined),
  }
  hub = await startTestHub(database.pool, { accounts: [account] })
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})
beforeEach(() => database.pool.query('truncate transactions, raw_records, conflicts, quarantine, journal_events'))

interface Sending {
  signedBy?: string
  shopDomain?: string
  /** Other bytes than those that were signed. */
  sent?: string
}

async function send(topic: string, document: unknown, { signedBy = secret, shopDomain = shop, sent }: Sending = {}) {
  const body = typeof document === 'string' ? document : JSON.stringify(document)
  const answer = await hub.server.inject({
    method: 'POST',
    url: '/v1/sources/shopify',
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': topic,
      'x-shopify-shop-domain': shopDomain,
      'x-shopify-hmac-sha256': createHmac('sha256', signedBy).update(body).digest('base64'),
    },
    payload: sent ?? body,
  })
  return { status: answer.statusCode, ...answer.json() }
}

const keys = async () => {
  const { rows } = await database.pool.query('select transaction_key as key from transactions order by key')
  return rows.map(({ key }) => String(key).replace(`fact:${shop}/`, ''))
}

const allFacts = [
  'order/5862700384481',
  'refund/929361464001',
  'transaction/7300000000001',
  'transaction/7300000000002',
  'transaction/7300000000003',
]

/** All that Shopify tells of the order, in its order. */
const webhooks: [topic: string, document: unknown][] = [
  ['orders/create', placed],
  ['order_transactions/create', payments[0]],
  ['order_transactions/create', payments[1]],
  ['orders/paid', paid],
  ['orders/updated', paid],
  ['refunds/create', refund],
  ['order_transactions/create', (refund as { transactions: Document[] }).transactions[0]],
  ['orders/updated', order],
]

describe('webhooks of Shopify, over HTTP into a database', () => {
  it('records an order, its payments, its update and its refund once each', async () => {
    const expected = ['200 1 0', '200 1 0', '200 1 0', '200 0 1', '200 0 1', '200 2 0', '200 0 1', '200 0 3']
    const answers = []
    for (const [topic, document] of webhooks) answers.push(await send(topic, document))
    expect(answers.map(({ status, recorded, duplicates }) => `${status} ${recorded} ${duplicates}`)).toEqual(expected)
    expect(await keys()).toEqual(allFacts)
    expect(await countKept(database.pool)).toEqual({ transactions: 5, quarantined: 0, conflicts: 0 })
  })

  it('comes to the same facts from webhooks that are doubled, late and all at once', async () => {
    for (const order of [webhooks.toReversed(), [...webhooks.slice(3), ...webhooks, ...webhooks.slice(0, 5)]]) {
      const answers = await Promise.all(order.map(([topic, document]) => send(topic, document)))
      expect(answers.every(({ status, conflicts, quarantined }) => status === 200 && !conflicts && !quarantined)).toBe(
        true,
      )
      expect(await keys()).toEqual(allFacts)
    }
  })

  it('puts the facts of one order into the journal with their money', async () => {
    await send('orders/updated', order)
    const { rows } = await database.pool.query(
      `select data->'transaction'->>'transactionType' as type, data->'transaction'->'lines' as lines from journal_events order by position`,
    )
    const amounts = rows.map(({ type, lines }) => [type, lines.at(-1).tenderType, lines.at(-1).amount])
    expect(amounts).toEqual([
      ['SALE', 'ACCOUNTS_RECEIVABLE', '122.90'],
      ['RETURN', 'ACCOUNTS_RECEIVABLE', '-12.80'],
      ['PAYMENT_ON_ACCOUNT', 'CREDIT_DEBIT', '-12.80'],
    ])
    expect(JSON.stringify(rows)).not.toMatch(/zq7|203\.0\.113/i)
  })

  it.each<[string, Sending, number, string]>([
    ['another secret', { signedBy: 'somebody else' }, 401, 'webhook-signature-invalid'],
    ['a body that was written again', { sent: JSON.stringify(order, null, 1) }, 401, 'webhook-signature-invalid'],
    ['a body that was cut off', { sent: JSON.stringify(order).slice(0, -1) }, 401, 'webhook-signature-invalid'],
    ['a shop that is not in the settings', { shopDomain: 'other.myshopify.com' }, 403, 'webhook-account-unknown'],
  ])('believes nothing of %s', async (_name, sending, status, code) => {
    expect(await send('orders/create', order, sending)).toMatchObject({ status, code })
    expect(await countKept(database.pool)).toEqual({ transactions: 0, quarantined: 0, conflicts: 0 })
  })

  it('believes the old secret while the new one takes its place, and the old name of a shop', async () => {
    expect(await send('orders/create', placed, { signedBy: 'the secret before' })).toMatchObject({
      status: 200,
      recorded: 1,
    })
    expect(await send('orders/create', placed, { shopDomain: 'old-name.myshopify.com' })).toMatchObject({
      duplicates: 1,
    })
  })

  it('keeps what it cannot place or read, so that Shopify need not send it again', async () => {
    expect(await send('orders/create', { ...placed, location_id: 4711 })).toMatchObject({ status: 200, quarantined: 1 })
    expect(await send('orders/create', { ...placed, currency: 'ZZZ' })).toMatchObject({ status: 200, quarantined: 1 })
    expect(await send('orders/delete', { id: 5862700384481 })).toMatchObject({ status: 200, quarantined: 1 })
    expect(await send('customers/redact', { shop_id: 1, customer: { id: 2 } })).toMatchObject({
      status: 200,
      quarantined: 1,
    })
    expect(await send('products/update', { id: 3 })).toEqual({ status: 200, ignored: 1 })
    const { rows } = await database.pool.query('select problem from quarantine order by problem')
    expect(rows.map(({ problem }) => problem)).toEqual([
      'privacy-request',
      'unknown-currency',
      'unmapped-location',
      'unreadable-content',
    ])
  })

  it.each([
    ['cut off before it was signed', JSON.stringify(order).slice(0, -1), 'json-malformed'],
    ['with a key twice', JSON.stringify(order).replace('{', '{"id":1,'), 'duplicate-key'],
    ['with a key that no document may have', JSON.stringify(order).replace('{', '{"__proto__":{},'), 'forbidden-key'],
    [
      'with an amount that is none',
      JSON.stringify(order).replaceAll('"80.00"', '"eighty"'),
      'money-not-decimal-string',
    ],
  ])('keeps a body %s as it came, and says why', async (_name, body, problem) => {
    expect(await send('orders/create', body)).toMatchObject({ status: 200 })
    const { rows } = await database.pool.query('select problem from quarantine')
    expect(rows.map((row) => row.problem)).toContain(problem)
    expect(await keys()).not.toContain('order/5862700384481')
  })

  it('does not overwrite a sale that a later version states differently', async () => {
    await send('orders/create', placed)
    const [first, ...others] = placed.line_items as Document[]
    const changed = { ...placed, total_line_items_price: '190.00', line_items: [{ ...first, quantity: 2 }, ...others] }
    expect(await send('orders/updated', changed)).toMatchObject({ status: 200, conflicts: 1 })
    expect(await countKept(database.pool)).toEqual({ transactions: 1, quarantined: 0, conflicts: 1 })
  })
})
