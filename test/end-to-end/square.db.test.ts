import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectedAccount } from '../../src/contract/source.ts'
import { decimal, formatDecimal, sum } from '../../src/domain/decimal.ts'
import { countKept } from '../../src/intake/read.ts'
import type { RecordedData } from '../../src/journal/event.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestHub, type TestHub } from '../bad-input/hub.ts'

const notificationUrl = 'https://hub.example/v1/sources/square'
const stores = new Map([['LNYC0000000001', '9']])
const accountOf = (account: string, secrets: string[]): ConnectedAccount => ({
  source: 'square',
  account,
  names: [account],
  secrets: secrets.map((secret) => ({ reveal: () => secret })),
  notificationUrl,
  storeOf: (location) => stores.get(location ?? ''),
})
const accounts = [accountOf('MLEXAMPLE0001', ['the new signature key', 'the old signature key'])]

interface Samples {
  order: Record<string, unknown>
  orders: Record<string, unknown>[]
  payments: Record<string, unknown>[]
  refunds: Record<string, unknown>[]
  counts: Record<string, unknown>[]
  changes: Record<string, unknown>[]
}
const samples = new URL('../../src/sources/square/samples/', import.meta.url)
const sample = (name: string) => JSON.parse(readFileSync(new URL(`${name}.theirs.json`, samples), 'utf8')) as Samples
const { order: sale } = sample('order-sale')
const [returned = {}] = sample('orders-returns').orders
const [cash = {}, card = {}] = sample('payments').payments
const [refund = {}] = sample('refunds').refunds

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub
let events = 0

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await startTestHub(database.pool, { accounts })
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

function webhook(type: string, object: object, merchant = 'MLEXAMPLE0001'): string {
  events += 1
  const data = { type: type.split('.')[0], id: `E${events}`, object }
  return JSON.stringify({
    merchant_id: merchant,
    type,
    event_id: `event-${events}`,
    created_at: '2026-03-02T15:04:03Z',
    data,
  })
}

async function send(body: string, options: { signed?: string; secret?: string } = {}) {
  const { signed = body, secret = 'the new signature key' } = options
  const signature = createHmac('sha256', secret).update(notificationUrl).update(signed).digest('base64')
  const { statusCode, json } = await hub.server.inject({
    method: 'POST',
    url: '/v1/sources/square',
    headers: { 'content-type': 'application/json', 'x-square-hmacsha256-signature': signature },
    payload: body,
  })
  return { statusCode, answer: json() as Record<string, unknown> }
}

/** An answer of the API that somebody asked for and hands over, with a token. */
async function hand(document: object) {
  const { statusCode, json } = await hub.server.inject({
    method: 'POST',
    url: '/v1/sources/square',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${hub.token}` },
    payload: JSON.stringify(document),
  })
  return { statusCode, answer: json() as Record<string, unknown> }
}

const recorded = async (): Promise<RecordedData[]> => {
  const { rows } = await database.pool.query<{ data: RecordedData }>(
    "select data from journal_events where event_type = 'pos.transaction.recorded.v1'",
  )
  return rows.map(({ data }) => data)
}

describe('Square over HTTP, on a real database', () => {
  it('records each fact once, however often and in whatever order it is told', async () => {
    const told = [
      () => send(webhook('refund.updated', { refund })),
      () => send(webhook('payment.updated', { payment: card }), { secret: 'the old signature key' }),
      () => send(webhook('payment.created', { payment: { ...card, status: 'APPROVED' } })),
      () => hand({ orders: [returned, sale] }),
      () => send(webhook('payment.updated', { payment: cash })),
      () =>
        send(
          webhook('payment.updated', { payment: { ...card, updated_at: '2026-03-09T00:00:00Z', processing_fee: [] } }),
        ),
      () => hand({ payments: [cash, card], refunds: [refund] }),
      () => hand({ order: sale }),
      () => send(webhook('refund.created', { refund: { ...refund, status: 'PENDING' } })),
    ]
    const answers: Awaited<ReturnType<typeof send>>[] = []
    for (const one of [...told, ...told.toReversed()]) answers.push(await one())
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200))
    const total = (name: string) => answers.reduce((count, { answer }) => count + Number(answer[name]), 0)
    expect(['recorded', 'conflicts', 'quarantined', 'refused', 'noted'].map(total)).toEqual([5, 0, 0, 0, 4])
    expect(await countKept(database.pool)).toEqual({ transactions: 5, quarantined: 0, conflicts: 0 })
  })

  it('comes to what was sold and paid', async () => {
    const journal = await recorded()
    const facts = journal.map(({ transaction }) => transaction)
    expect(journal.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'error'))).toEqual([])
    expect(facts.map(({ transactionType }) => transactionType).toSorted()).toEqual([
      ...['PAYMENT_ON_ACCOUNT', 'PAYMENT_ON_ACCOUNT', 'PAYMENT_ON_ACCOUNT', 'RETURN', 'SALE'],
    ])
    const lines = facts.flatMap((fact) => fact.lines)
    const amountOf = (kind: string) =>
      formatDecimal(
        sum(
          lines.flatMap((line) =>
            'amount' in line && (line.lineType === kind || (line.lineType === 'TENDER' && line.tenderType === kind))
              ? [decimal(line.amount ?? '0')]
              : [],
          ),
        ),
        2,
      )
    expect(['CASH', 'CREDIT_DEBIT'].map(amountOf)).toEqual(['25.00', '29.55'])
    // 59.55 sold, 5.00 taken back; all of it is settled.
    expect(['ACCOUNTS_RECEIVABLE', 'PAYMENT_ON_ACCOUNT'].map(amountOf)).toEqual(['54.55', '54.55'])
  })

  it('records what was counted, adjusted and sent to another store once, told by webhook or handed over', async () => {
    const { counts, changes } = sample('inventory')
    const here = changes.filter(({ type }) => type !== 'TRANSFER')
    const told = webhook('inventory.count.updated', { inventory_counts: counts })
    expect((await send(told)).answer).toMatchObject({ recorded: 2 })
    expect((await hand({ counts, changes: here })).answer).toMatchObject({ recorded: here.length, duplicates: 2 })
    // The other store of the transfer has no name here: it is kept until it has one.
    const moved = changes.filter(({ type }) => type === 'TRANSFER')
    expect((await hand({ changes: moved })).answer).toMatchObject({ recorded: 0, quarantined: 1 })
    const stock = (await recorded()).filter(({ transaction }) => transaction.transactionType.startsWith('INVENTORY'))
    expect(stock.map(({ transaction: { lines } }) => lines.map(({ lineType }) => lineType))).toEqual(
      stock.map(() => ['INVENTORY']),
    )
    expect(stock).toHaveLength(2 + here.length)
    const later = counts.map((count) => ({ ...count, quantity: '78', calculated_at: '2026-03-02T16:00:00Z' }))
    expect((await hand({ counts: later })).answer).toMatchObject({ recorded: 2 })
    const rewritten = counts.map((count) => ({ ...count, quantity: '1' }))
    expect((await hand({ counts: rewritten })).answer).toMatchObject({ recorded: 0, conflicts: 2 })
  })

  it('believes no other secret, no other body and nobody else', async () => {
    const body = webhook('payment.updated', { payment: { ...cash, id: 'FORGED' } })
    const before = await countKept(database.pool)
    const refused = [
      await send(body, { secret: 'a guessed signature key' }),
      await send(JSON.stringify(JSON.parse(body), null, 2), { signed: body }),
      await send(body.slice(0, -1), { signed: body }),
    ]
    expect(refused.map(({ statusCode, answer }) => [statusCode, answer.code])).toEqual(
      refused.map(() => [401, 'webhook-signature-invalid']),
    )
    const stranger = await send(webhook('payment.updated', { payment: cash }, 'MLSTRANGER0001'))
    expect([stranger.statusCode, stranger.answer.code]).toEqual([403, 'webhook-account-unknown'])
    expect(await countKept(database.pool)).toEqual(before)
  })

  it('says of an order event and a point that they came, and keeps none of them', async () => {
    const before = await countKept(database.pool)
    const summary = { order_id: 'O1', state: 'COMPLETED', version: 3 }
    expect((await send(webhook('order.updated', { order_updated: summary }))).answer).toMatchObject({
      noted: 1,
      transactions: [{ kind: 'noted', what: 'order-updated' }],
    })
    expect((await send(webhook('loyalty.event.created', { loyalty_event: {} }))).answer).toMatchObject({ noted: 1 })
    // One slice, whatever it counts: here it says that there is nothing.
    expect((await hand({})).answer).toMatchObject({
      noted: 1,
      transactions: [{ kind: 'noted', what: 'empty-answer', count: 0 }],
    })
    expect((await send(webhook('customer.created', { customer: {} }))).answer).toEqual({ ignored: 1 })
    expect(await countKept(database.pool)).toEqual(before)
  })

  it('keeps what cannot be read in quarantine, and answers 200, since it is kept', async () => {
    const before = await countKept(database.pool)
    const elsewhere = { ...cash, id: 'ELSEWHERE', location_id: 'LNOBODYMAPPED01' }
    const fraction = { ...cash, id: 'FRACTION', total_money: { amount: 10.5, currency: 'USD' } }
    for (const payment of [elsewhere, fraction]) {
      const { statusCode, answer } = await send(webhook('payment.updated', { payment }))
      expect(statusCode).toBe(200)
      expect(answer).toMatchObject({ recorded: 0, quarantined: 1 })
    }
    expect(await countKept(database.pool)).toEqual({ ...before, quarantined: before.quarantined + 2 })
  })
})
