import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../contract/source.ts'
import { decimal } from '../../domain/decimal.ts'
import { testStore } from '../../testing/receipts.ts'
import { readAll, transactionsIn } from '../../testing/source/read-all.ts'
import type { Json } from './json.ts'
import { shopify } from './source.ts'
import { readWeight } from './weighed.ts'

const context: ReadContext = {
  store: () => testStore,
  account: { account: 'example.myshopify.com', storeOf: () => '9' },
}

const propertiesOf = (quantity: string, unit: string) => [
  { name: '_tillflow_quantity', value: quantity },
  { name: '_tillflow_unit', value: unit },
  { name: '_tillflow_unit_price', value: '2.50' },
]
const cheese = {
  id: 5,
  sku: 'cheese',
  price: '1.28',
  quantity: 1,
  grams: 512,
  properties: propertiesOf('0.512', 'KGM'),
}
const orderOf = (source_name: string, more: object = {}) => ({
  id: 1,
  source_name,
  currency: 'EUR',
  financial_status: 'paid',
  processed_at: '2026-03-02T10:00:00+01:00',
  line_items: [cheese],
  ...more,
})
const refundOf = (payers: readonly string[]) => ({
  id: 2,
  order_id: 1,
  processed_at: '2026-03-03T10:00:00+01:00',
  refund_line_items: [
    { id: 6, line_item_id: 5, quantity: 1, subtotal: '1.28', restock_type: 'return', line_item: cheese },
  ],
  transactions: payers.map((source_name, index) => ({
    id: 7 + index,
    order_id: 1,
    kind: 'refund',
    status: 'success',
    gateway: 'cash',
    amount: '1.28',
    currency: 'EUR',
    processed_at: '2026-03-03T10:00:00+01:00',
    source_name,
  })),
})

async function linesOf(document: object, objectType: string): Promise<object[]> {
  const reading = await readAll(shopify, [Buffer.from(JSON.stringify(document))], context)
  const fact = transactionsIn(reading).find(({ transaction }) => transaction.vendorFact?.objectType === objectType)
  return fact?.transaction.lines ?? []
}

describe('the weight that properties of a line item tell', () => {
  it.each<[string, string, object]>([
    ['pos', 'at a till is the quantity', { quantity: '0.512', unitOfMeasure: 'KGM', actualUnitPrice: '2.50' }],
    ['web', 'in a web shop is a word of the shopper', { quantity: '1', actualUnitPrice: '1.28' }],
  ])('%s: %s', async (sourceName, _what, line) => {
    expect((await linesOf(orderOf(sourceName), 'order'))[0]).toMatchObject({ ...line, extendedAmount: '1.28' })
  })

  it.each<[string, object, string]>([
    ['of the order of a till', orderOf('pos', { refunds: [refundOf(['pos'])] }), '-0.512'],
    ['of the order of a till, without money', orderOf('pos', { refunds: [refundOf([])] }), '-0.512'],
    ['of the order of a web shop, handed out at a till', orderOf('web', { refunds: [refundOf(['pos'])] }), '-1'],
    ['by itself, of a till', refundOf(['pos']), '-0.512'],
    ['by itself, of a till and a web shop', refundOf(['pos', 'web']), '-1'],
    ['by itself, without money', refundOf([]), '-1'],
  ])('in a refund %s', async (_what, document, quantity) => {
    expect((await linesOf(document, 'refund'))[0]).toMatchObject({ lineType: 'RETURN', quantity })
  })

  it.each<[string, string, unknown, boolean]>([
    ['0.512', 'KGM', '512', true],
    ['0.5124', 'KGM', '512', true],
    ['1.13', 'LBR', '513', true],
    ['0.512', 'KGM', '511', false],
    ['99', 'KGM', '512', false],
    ['0.512', 'KGM', '0', false],
    ['0.512', 'KGM', undefined, false],
    ['0.512', 'KGM', 'much', false],
    ['512', 'constructor', '512', false],
    ['5.12', 'LTR', '512', false],
  ])('%s %s beside %s grams: %s', (quantity, unit, grams, isTaken) => {
    const item = { grams, properties: propertiesOf(quantity, unit) } as Json
    expect(readWeight(item, decimal('1')) !== undefined).toBe(isTaken)
    expect(readWeight(item, decimal('2'))).toBeUndefined()
  })
})
