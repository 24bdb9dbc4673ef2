import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../contract/problem.ts'
import type { ReadContext, ReadResult } from '../../contract/source.ts'
import { makeSale, testStore } from '../../testing/receipts.ts'
import { readAll, transactionsIn } from '../../testing/source/read-all.ts'
import { detectSource } from '../index.ts'
import { square } from './source.ts'

const context: ReadContext = {
  store: (businessUnitId) => ({ ...testStore, businessUnitId }),
  account: { account: 'MLEXAMPLE0001', storeOf: (location) => (location?.startsWith('LNYC') ? '9' : undefined) },
}
const sample = (name: string) => readFileSync(new URL(`samples/${name}.theirs.json`, import.meta.url), 'utf8')
const sale = sample('order-sale')
const payment = JSON.stringify((JSON.parse(sample('payments')) as { payments: object[] }).payments[0])

const read = async (text: string, within = context) => (await readAll(square, [Buffer.from(text)], within)).results
/** Replaces what stands there once, and fails where it does not. */
function change(text: string, from: string | RegExp, to: string): string {
  const changed = text.replace(from, to)
  if (changed === text) throw new Error('nothing was changed')
  return changed
}

describe('an object that no fact can be made of is kept with its reason', () => {
  it.each<[string, string, ProblemCode]>([
    ['a currency that does not exist', sale.replaceAll('USD', 'ZZZ'), 'unknown-currency'],
    ['a currency that is money no more', sale.replaceAll('USD', 'DEM'), 'unknown-currency'],
    ['amounts in two currencies', change(sale, '"USD"', '"CAD"'), 'unreadable-content'],
    ['a float of seventeen digits', change(sale, '"amount": 900,', '"amount": 9.0012345678901234,'), 'currency-scale'],
    ['an amount with an exponent', change(sale, '"amount": 900,', '"amount": 9e2,'), 'money-not-decimal-string'],
    ['an amount that is no number', change(sale, '"amount": 900,', '"amount": "much",'), 'money-not-decimal-string'],
    ['an amount beyond 2^53', change(sale, '"amount": 900,', '"amount": 9007199254740993,'), 'amount-out-of-range'],
    [
      'an amount of twenty digits',
      change(sale, '"amount": 900,', '"amount": 90071992547409931234,'),
      'amount-out-of-range',
    ],
    ['a quantity with a comma', change(sale, '"0.455"', '"0,455"'), 'invalid-quantity'],
    ['a quantity finer than any scale', change(sale, '"0.455"', '"0.4551234567"'), 'invalid-quantity'],
    [
      'a day that does not exist',
      change(sale, '2026-03-02T15:04:02.400Z', '2026-02-30T15:04:02.400Z'),
      'invalid-timestamp',
    ],
    ['a location that nobody mapped', change(sale, '"LNYC0000000001"', '"LSYD"'), 'unmapped-location'],
    ['an order without an id', change(sale, '"id": "ORDERSALE0000000000000001",', ''), 'schema-violation'],
    ['an id that is a list', change(sale, '"ORDERSALE0000000000000001"', '["x"]'), 'schema-violation'],
    ['items that are no list', change(sale, /"line_items": \[/, '"line_items": 7, "x": ['), 'schema-violation'],
    ['a text with U+0000', change(sale, '"House beans"', '"House\\u0000beans"'), 'invalid-character'],
    [
      'a state that nobody knows',
      change(sale, '"state": "COMPLETED",\n    "version"', '"state": "DONE",\n    "version"'),
      'unreadable-content',
    ],
    ['a payment without an amount', change(payment, /"(amount|total)_money":/g, '"x_$1":'), 'schema-violation'],
    [
      'an answer that is an error',
      '{"errors":[{"category":"AUTHENTICATION_ERROR","code":"UNAUTHORIZED"}]}',
      'unreadable-content',
    ],
    ['another JSON', '{"hello":"there"}', 'unreadable-content'],
    ['a list', '[1,2]', 'unreadable-content'],
    ['a list of nothing that is an order', '{"orders":[1]}', 'unreadable-content'],
    [
      'a webhook without its object',
      '{"merchant_id":"M","type":"payment.updated","event_id":"e","data":{"type":"payment"}}',
      'unreadable-content',
    ],
  ])('%s', async (_name, text, problem) => {
    const [result, ...others] = await read(text)
    expect(others).toEqual([])
    expect(result).toMatchObject({ kind: 'unreadable', problem })
  })

  it('a document of an account that is not in the settings', async () => {
    const { results, problem } = await readAll(square, [Buffer.from(sale)], { store: context.store })
    expect(results).toEqual([])
    expect(problem?.code).toBe('unknown-account')
  })

  it('one order of many costs itself only', async () => {
    const { order } = JSON.parse(sale) as { order: object }
    const broken = { ...order, id: 'BROKEN', total_money: { amount: 1, currency: 'ZZZ' } }
    const results = await read(JSON.stringify({ orders: [order, broken, { ...order, id: 'SECOND' }] }))
    expect(results.map(({ kind }) => kind)).toEqual(['transaction', 'unreadable', 'transaction'])
    expect(results.map(({ bytes }) => (JSON.parse(Buffer.from(bytes).toString()) as { id: string }).id)).toEqual([
      'ORDERSALE0000000000000001',
      'BROKEN',
      'SECOND',
    ])
  })
})

describe('what is cut off is nothing', () => {
  it('wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: sale.trimEnd().length - 1 }), async (length) => {
        const { results, problem } = await readAll(square, [Buffer.from(sale.slice(0, length))], context)
        expect(results).toEqual([])
        expect(problem?.code).toBe('json-malformed')
      }),
    )
  })
})

describe('what is kept exactly', () => {
  it('numbers beyond 2^53 that are no amounts', async () => {
    const [result] = await read(change(sale, '"version": 7', '"version": 9007199254740993123'))
    expect(result).toMatchObject({ transaction: { source: { version: '9007199254740993123' } } })
  })

  it('words that nobody knows are counted, and the rest is read', async () => {
    const odd = change(change(sale, '"ADDITIVE"', '"SUBTRACTIVE"'), '"FIXED_PERCENTAGE"', '"WHIM"').replace(
      '"METRIC_KILOGRAM"',
      '"CUBIT"',
    )
    const [result] = transactionsIn({ results: await read(odd), problem: undefined })
    expect(new Set(result?.unknownValues)).toEqual(
      new Set(['tax_type=SUBTRACTIVE', 'discount_type=WHIM', 'measurement_unit=CUBIT', 'item_type=EXPERIENCE_SEAT']),
    )
    expect(result?.transaction.totals?.grandTotal).toBe('59.55')
  })

  it('a slice of an answer is read again from its own bytes', async () => {
    for (const name of ['orders-returns', 'payments', 'refunds', 'cash-drawers']) {
      const results = await read(sample(name))
      const slices = [...new Set(results.map(({ bytes }) => Buffer.from(bytes).toString()))]
      const again: ReadResult[] = []
      for (const slice of slices) again.push(...(await read(slice)))
      expect(again).toEqual(results)
    }
  })

  it('the bytes of each object, whatever stands in its texts', async () => {
    const { order } = JSON.parse(sale) as { order: { line_items: object[] } }
    const odd = (name: string) => ({ ...order, id: name, line_items: [{ ...order.line_items[3], name }] })
    const orders = ['Café "Zürich" \\', '}],{[', '"orders":[{', 'お茶 🍵'].map(odd)
    const results = await read(JSON.stringify({ cursor: 'a"],[{', orders, errors: [] }))
    expect(results.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))).toEqual(orders)
  })

  it('an answer with nothing in it is no error', async () => {
    for (const text of ['{}', '{"orders":[]}', '{"payments":[],"cursor":"x"}', '{"counts":[],"errors":[]}']) {
      expect(await read(text)).toMatchObject([{ kind: 'noted', what: 'empty-answer', count: 0 }])
    }
  })

  it('says of every part of an answer what it is', async () => {
    const { order } = JSON.parse(sale) as { order: object }
    const results = await read(
      JSON.stringify({ orders: [order], changes: [{}, {}], related_objects: [{}], errors: [{}] }),
    )
    expect(results.map((one) => (one.kind === 'noted' ? [one.what, one.count] : one.kind))).toEqual([
      'transaction',
      'unreadable',
      'unreadable',
      ['other-part', 1],
      ['answer-error', 1],
    ])
  })
})

describe('recognition', () => {
  const shopifyOrder =
    '{"order":{"id":450789469,"admin_graphql_api_id":"gid://shopify/Order/450789469","currency":"USD","line_items":[{"id":1,"price":"199.00","price_set":{"shop_money":{"amount":"199.00","currency_code":"USD"}}}],"location_id":null}}'

  it.each<[string, string]>([
    ['our own document', JSON.stringify(makeSale(1))],
    [
      'our own document with words of Square in it',
      JSON.stringify(makeSale(1, { extensions: { location_id: 'L', payments: [] } })),
    ],
    ['an order of Shopify', shopifyOrder],
    ['orders of Shopify', shopifyOrder.replace('{"order":{', '{"orders":[{').replace(/\}\}$/, '}]}')],
    ['an order of Shopify as a webhook', shopifyOrder.slice(9, -1)],
    [
      'a refund of Shopify',
      '{"refund":{"id":509562969,"order_id":450789469,"transactions":[{"id":1,"amount":"199.00"}]}}',
    ],
    ['an empty object', '{}'],
    ['POSLog', '<POSLog/>'],
  ])('leaves %s to others', (_name, text) => {
    expect(square.recognises(Buffer.from(text))).toBe(false)
  })

  it('finds the right source by the first bytes', () => {
    expect(detectSource(Buffer.from(sale).subarray(0, 4_096), 'order.json')?.name).toBe('square')
    expect(detectSource(Buffer.from(JSON.stringify(makeSale(1))), 'sale.json')?.name).toBe('tillflow')
    expect(detectSource(Buffer.from('{"payments":[]}'), 'day.json')?.name).toBe('square')
    for (const one of JSON.parse(sample('orders-returns')).orders as object[]) {
      expect(square.recognises(Buffer.from(JSON.stringify(one)).subarray(0, 4_096))).toBe(true)
    }
  })
})
