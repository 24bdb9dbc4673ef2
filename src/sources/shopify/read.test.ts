import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../contract/source.ts'
import { bookTransaction } from '../../domain/booking/book-transaction.ts'
import { checkTransaction } from '../../domain/checks/index.ts'
import { testStore } from '../../testing/receipts.ts'
import { hostileMarker } from '../../testing/source/hostile-input.ts'
import { readAll, transactionsIn } from '../../testing/source/read-all.ts'
import { describeSourceConformance } from '../../testing/source-conformance.ts'
import { shopify } from './source.ts'

const stores: Record<string, string> = { '655441491': '9', '487838322': 'warehouse' }
const context: ReadContext = {
  store: (businessUnitId) => ({ ...testStore, businessUnitId, taxRounding: 'LINE' }),
  account: {
    account: 'example.myshopify.com',
    storeOf: (location) => (location === undefined ? 'web' : stores[location]),
  },
}

type Document = Record<string, unknown>

const sample = (name: string) => readFileSync(new URL(`samples/${name}`, import.meta.url), 'utf8')
const bytesOf = (document: unknown) => Buffer.from(JSON.stringify(document))
const till = JSON.parse(sample('pos-sale.theirs.json')) as Document
const [web = {}] = (JSON.parse(sample('web-order.theirs.json')) as { orders: Document[] }).orders
const exchange = sample('exchange.theirs.ndjson').trimEnd().split('\n')
const [refund] = web.refunds as Document[]
const payments = web.transactions as Document[]
const unrefunded = { ...web, refunds: [], financial_status: 'paid', updated_at: '2026-03-03T08:00:01+01:00' }
const placed = { ...unrefunded, transactions: [], financial_status: 'pending', updated_at: '2026-03-02T23:30:01+01:00' }

/** What Shopify goes on counting in the header, and what it forgets or learns about people. */
const grown = (order: Document): Document => ({
  ...order,
  updated_at: '2026-04-01T10:00:00+02:00',
  financial_status: 'refunded',
  fulfillment_status: 'fulfilled',
  current_total_price: '0.00',
  total_outstanding: '-9.99',
  closed_at: '2026-04-01T10:00:00+02:00',
  customer: null,
  email: null,
  line_items: (order.line_items as Document[]).map((item) => ({
    ...item,
    current_quantity: 0,
    fulfillment_status: 'fulfilled',
    product_id: null,
    variant_id: item.sku ? null : item.variant_id,
  })),
})

describeSourceConformance(shopify, {
  samplesDirectory: new URL('samples/', import.meta.url),
  context,
  hostile: [
    { name: 'an empty input', bytes: Buffer.alloc(0), code: 'json-malformed' },
    { name: 'an order that is cut off', bytes: bytesOf(web).subarray(0, -200), code: 'json-malformed' },
    {
      name: 'a list that is cut off',
      bytes: Buffer.from(`{"orders":[{"id":1,"name":"${hostileMarker}"`),
      code: 'json-malformed',
    },
    { name: 'a list that does not end', bytes: Buffer.from('{"orders":[{"id":1}'), code: 'json-malformed' },
    { name: 'a list with a hole', bytes: Buffer.from('{"orders":[{"id":1},,{"id":2}]}'), code: 'json-malformed' },
    { name: 'two lists of one name', bytes: Buffer.from('{"orders":[],"orders":[{"id":1}]}'), code: 'duplicate-key' },
    {
      name: 'a key twice',
      bytes: Buffer.from(`{"${hostileMarker}":1,"${hostileMarker}":2,"refund_line_items":[]}`),
      code: 'duplicate-key',
    },
    {
      name: 'an order of a list with a key twice',
      bytes: Buffer.from('{"orders":[{"id":1,"id":2,"line_items":[]}]}'),
      code: 'duplicate-key',
    },
    { name: 'a prototype key', bytes: Buffer.from('{"orders":[{"__proto__":{"a":1}}]}'), code: 'forbidden-key' },
    { name: 'deep nesting', bytes: Buffer.from(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`), code: 'json-too-deep' },
    { name: 'invalid UTF-8', bytes: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), code: 'invalid-encoding' },
    { name: 'an endless number', bytes: Buffer.from(`{"id":${'9'.repeat(80)}}`), code: 'number-out-of-range' },
  ],
  secrets: ['Zq7', 'ZQ7', 'zq7', '+49301234567', '203.0.113.7', '10115', '424242', '2031'],
  histories: [
    {
      name: 'an order of the web shop is placed, authorised, captured, partly refunded, forgotten',
      versions: [
        placed,
        { ...placed, financial_status: 'authorized', transactions: payments.slice(0, 1) },
        unrefunded,
        web,
        grown(web),
        { ...grown(web), cancelled_at: '2026-04-02T10:00:00+02:00', cancel_reason: 'customer' },
      ].map(bytesOf),
    },
    { name: 'a till sells, then exchanges', versions: exchange.map((line) => Buffer.from(line)) },
    { name: 'a sale of a till is fulfilled and archived', versions: [till, grown(till)].map(bytesOf) },
    {
      name: 'a refund comes by itself, then within its order',
      versions: [refund, { ...placed, refunds: [refund] }, web].map(bytesOf),
    },
    {
      name: 'a payment comes by itself, then within its order, in a list and in a refund',
      versions: [payments[1], { transactions: payments.slice(0, 2) }, unrefunded, web].map(bytesOf),
    },
    {
      name: 'a payment is pending, then succeeds',
      versions: [
        { ...placed, transactions: [{ ...payments[1], status: 'pending' }] },
        { ...placed, transactions: [{ ...payments[1], status: 'pending' }, payments[1]] },
      ].map(bytesOf),
    },
  ],
  webhook: {
    secret: 'hush-this-is-a-test-secret',
    signatureHeader: 'x-shopify-hmac-sha256',
    request: {
      url: 'https://hub.example/v1/sources/shopify',
      rawBody: Buffer.from('{"id":820982911946154508,"order_id":6022498320664}'),
      headers: {
        'x-shopify-hmac-sha256': '8TEDCQCvKZMRffKQ6cJCo2qI0rXSfewUxCaSRUHTeek=',
        'x-shopify-shop-domain': 'example.myshopify.com',
        'x-shopify-topic': 'refunds/create',
      },
    },
    notice: { account: 'example.myshopify.com', carries: 'transactions' },
  },
})

const read = async (document: unknown) => transactionsIn(await readAll(shopify, [bytesOf(document)], context))
const readFirst = async (document: unknown) => {
  const [first] = await read(document)
  if (!first) throw new Error('there is no fact')
  return first.transaction
}
const amountsOf = (transaction: { lines: readonly object[] }, lineType: string) =>
  transaction.lines.flatMap((line) =>
    'lineType' in line && line.lineType === lineType && 'amount' in line ? [line.amount] : [],
  )

describe('facts of Shopify', () => {
  it('balance, each by itself, and their taxes are explained', async () => {
    for (const name of ['pos-sale', 'web-order', 'pos-refund', 'payments']) {
      for (const { transaction } of await read(JSON.parse(sample(`${name}.theirs.json`)))) {
        expect(checkTransaction(transaction, context.store('9'))).toEqual([])
      }
    }
  })

  it('are documents of the books that balance, each by itself', async () => {
    const total = (amounts: readonly { amount: bigint }[]) => amounts.reduce((sum, { amount }) => sum + amount, 0n)
    for (const name of ['pos-sale', 'web-order', 'pos-refund', 'payments']) {
      for (const { transaction } of await read(JSON.parse(sample(`${name}.theirs.json`)))) {
        const booking = bookTransaction(transaction, 'reference')
        if (!booking) continue
        const goods = booking.lines.reduce((sum, { net }) => sum + net, 0n)
        const added = total(booking.taxes.filter((tax) => !tax.included))
        expect(goods + total(booking.charges) + added).toBe(booking.total)
        expect(total(booking.payments)).toBe(booking.total)
      }
    }
  })

  it('settle an order to nothing once it is paid, and leave what is given back and not yet paid out', async () => {
    const cents = (text: unknown) => Math.round(Number(text) * 100)
    const balanceOf = async (documents: unknown[]) =>
      (await Promise.all(documents.map(read)))
        .flat()
        .filter(({ transaction }) => transaction.status === 'COMPLETED')
        .flatMap(({ transaction: { lines } }) => lines)
        .reduce((sum, line) => {
          if (line.lineType === 'PAYMENT_ON_ACCOUNT') return sum - cents(line.amount)
          return line.lineType === 'TENDER' && line.tenderType === 'ACCOUNTS_RECEIVABLE'
            ? sum + cents(line.amount)
            : sum
        }, 0)
    expect(await balanceOf([placed])).toBe(122_90)
    expect(await balanceOf([unrefunded])).toBe(0)
    expect(await balanceOf([web])).toBe(0)
    expect(await balanceOf([{ ...web, refunds: [{ ...refund, transactions: [] }] }])).toBe(-12_80)
    // Sold for 100, taken back, sold for 120 instead; its payments are not in this document.
    expect(await balanceOf([JSON.parse(exchange[1] ?? '')])).toBe(120_00)
  })

  it('count gift cards and tips as no turnover', async () => {
    const sale = await readFirst(till)
    expect(amountsOf(sale, 'GIFT_CARD')).toEqual(['50.00'])
    expect(amountsOf(sale, 'TIP')).toEqual(['3.00'])
  })

  it('never look at what is left of an order', async () => {
    const items = (till.line_items as Document[]).map((item) => ({ ...item, current_quantity: 0 }))
    const [sale, changed] = [
      await readFirst(till),
      await readFirst({ ...till, current_total_price: '1', line_items: items }),
    ]
    expect(changed.lines).toEqual(sale.lines)
  })

  it('tell what an edit added, also when it is removed again, and call nothing added that was removed', async () => {
    const v2 = JSON.parse(exchange[1] ?? '') as { line_items: Document[] }
    const typesOf = async (document: unknown) =>
      (await read(document)).map(({ transaction }) => transaction.vendorFact?.objectType)
    expect(await typesOf(v2)).toEqual(['order', 'order_line', 'refund'])
    const [first, second] = v2.line_items
    // The header counts what is left: nothing can be told apart, and nothing is sold twice.
    const left = {
      ...v2,
      line_items: [first, { ...second, current_quantity: 0 }],
      total_line_items_price: '0.00',
      refunds: [],
    }
    expect(await typesOf(left)).toEqual(['order'])
    // Every item is part of what the header counts.
    expect(await typesOf({ ...v2, total_line_items_price: '220.00', refunds: [] })).toEqual(['order'])
    const returns = [{ id: 1, exchange_line_items: [{ id: 2, line_items: [{ id: 15080000000002 }] }] }]
    expect(await typesOf({ ...v2, total_line_items_price: '220.00', returns, refunds: [] })).toEqual([
      'order',
      'order_line',
    ])
  })

  it('take cancelled orders back by their refunds, and say that they were cancelled', async () => {
    const cancelled = { ...web, cancelled_at: '2026-03-06T10:00:00+01:00', cancel_reason: 'fraud' }
    const last = (await read(cancelled)).at(-1)?.transaction
    expect(last).toMatchObject({
      transactionType: 'CANCELLED',
      extensions: { 'shopify:cancel_reason': 'fraud' },
      lines: [],
    })
  })

  it('take the noise out of floats, and read long ids to the last digit', async () => {
    const text = JSON.stringify(refund)
      .replace('"subtotal":7.33,', '"subtotal":7.3300000000000001,')
      .replace(/"subtotal_set":\{.*?\}\}/, '"subtotal_set":null')
      .replace('"id":929361464001', '"id":9007199254740993')
      .replace('0.2,', '0.20000000000000001,')
    const [result] = transactionsIn(await readAll(shopify, [Buffer.from(text)], context))
    expect(result?.transaction.vendorFact?.objectId).toBe('9007199254740993')
    expect(result?.transaction.lines[0]).toMatchObject({
      netAmount: '-7.33',
      taxes: [{ ratePercent: '20', taxAmount: '-1.47' }],
    })
  })

  it.each([
    ['0.05', '1.00', '0.05', '1.05', false],
    ['0.05', '1.00', '0.05', '1.00', true],
    ['0.19', '119.00', '19.00', undefined, true],
    ['0.19', '100.00', '19.00', undefined, false],
  ])(
    'tell from a refund alone whether its prices hold a tax of %s: %s, %s, paid back %s',
    async (rate, subtotal, tax, paid, included) => {
      const item = { price: subtotal, quantity: 1, sku: 'A', tax_lines: [{ title: 'VAT', rate, price: tax }] }
      const line = { id: 1, quantity: 1, line_item_id: 2, subtotal, total_tax: tax, line_item: item }
      const transactions = paid
        ? [
            {
              id: 3,
              kind: 'refund',
              status: 'success',
              gateway: 'cash',
              amount: paid,
              created_at: '2026-03-02T11:00:00Z',
            },
          ]
        : []
      const fact = await readFirst({
        id: 9,
        created_at: '2026-03-02T11:00:00Z',
        refund_line_items: [line],
        transactions,
      })
      expect(fact.lines[0]).toMatchObject({ taxes: [{ includedInPrice: included }] })
    },
  )

  it('keep a test order out of the books', async () => {
    expect(await readFirst({ ...till, test: true })).toMatchObject({ trainingMode: true })
  })

  it('put a refund where its money was handed out, else where the goods came back, else online', async () => {
    const line = {
      id: 1,
      quantity: 1,
      restock_type: 'return',
      location_id: 655441491,
      subtotal: '1.00',
      line_item: { sku: 'A', price: '1.00' },
    }
    const bare = { id: 9, created_at: '2026-03-02T11:00:00Z', refund_line_items: [line] }
    const payment = {
      id: 3,
      kind: 'refund',
      status: 'success',
      gateway: 'cash',
      amount: '1.00',
      created_at: '2026-03-02T11:00:00Z',
    }
    expect((await readFirst(bare)).businessUnitId).toBe('9')
    expect((await readFirst({ ...bare, transactions: [payment] })).businessUnitId).toBe('web')
    expect((await readFirst({ ...bare, transactions: [{ ...payment, location_id: 487838322 }] })).businessUnitId).toBe(
      'warehouse',
    )
    expect((await readFirst({ ...bare, refund_line_items: [] })).businessUnitId).toBe('web')
  })

  it('cannot be read without an account', async () => {
    const reading = await readAll(shopify, [bytesOf(till)], { store: context.store })
    expect([reading.results, reading.problem?.code]).toEqual([[], 'unknown-account'])
  })
})
