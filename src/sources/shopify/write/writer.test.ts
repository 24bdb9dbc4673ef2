import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../../contract/source.ts'
import { checkTransaction } from '../../../domain/checks/index.ts'
import { computeTotals } from '../../../domain/compute-totals.ts'
import { decimal, formatDecimal, sum } from '../../../domain/decimal.ts'
import type { AmountLine, Line, SaleLine, TenderLine } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { makeSale, testStore } from '../../../testing/receipts.ts'
import { readAll, transactionsIn } from '../../../testing/source/read-all.ts'
import type { Unnumbered } from '../item-line.ts'
import { shopify } from '../source.ts'
import { writer } from './writer.ts'

/** Locations that carry the names of our stores, as a retailer has them whose feed is written. */
const context: ReadContext = {
  store: (businessUnitId) => ({ ...testStore, businessUnitId, taxRounding: 'LINE' }),
  account: { account: 'example.myshopify.com', storeOf: (location) => location ?? 'web' },
}

async function readBack(...receipts: Transaction[]): Promise<Transaction[]> {
  const reading = await readAll(shopify, [Buffer.from(writer.writeDocument(receipts, context))], context)
  expect(reading.problem).toBeUndefined()
  expect(reading.results.every(({ kind }) => kind === 'transaction')).toBe(true)
  return transactionsIn(reading).map(({ transaction }) => transaction)
}

/** What a receipt says of money, whatever it is taken apart into. */
function moneyOf(transactions: readonly Transaction[]) {
  const totals = transactions.map(computeTotals)
  const total = (name: 'netSales' | 'taxAdded' | 'taxIncluded' | 'tip' | 'rounding') =>
    formatDecimal(sum(totals.map((one) => decimal(one[name]))), 2)
  const lines = transactions.flatMap((one) => one.lines)
  const amounts = (lineType: Line['lineType']) =>
    formatDecimal(
      sum(lines.filter((line) => line.lineType === lineType).map((line) => decimal((line as AmountLine).amount))),
      2,
    )
  const paid = lines.filter((line) => line.lineType === 'TENDER' && line.tenderType !== 'ACCOUNTS_RECEIVABLE')
  const byTender = Object.groupBy(paid as TenderLine[], ({ tenderType }) => tenderType)
  const tenders = Object.entries(byTender).map(([type, some]) => [
    type,
    formatDecimal(sum(some.map((one) => decimal(one.amount))), 2),
  ])
  return {
    netSales: total('netSales'),
    taxAdded: total('taxAdded'),
    taxIncluded: total('taxIncluded'),
    tip: total('tip'),
    rounding: total('rounding'),
    fees: amounts('FEE'),
    giftCards: amounts('GIFT_CARD'),
    tenders: Object.fromEntries(tenders),
  }
}

const [goods, cash] = makeSale(1).lines as [SaleLine, TenderLine]
const number = (line: Unnumbered, index: number) => ({ ...line, lineNumber: index + 1 }) as Line
const receiptOf = (lines: readonly Unnumbered[], changes: Partial<Transaction> = {}) =>
  makeSale(7, { lines: lines.map(number), totals: {}, ...changes })
const returned: Omit<SaleLine, 'lineNumber'> = {
  ...goods,
  lineType: 'RETURN',
  quantity: '-1',
  extendedAmount: '-2.50',
  taxes: [{ taxType: 'VAT', ratePercent: '19', taxableAmount: '-2.50', taxAmount: '-0.40', includedInPrice: true }],
}
const weighed: Omit<SaleLine, 'lineNumber'> = {
  ...goods,
  quantity: '0.512',
  unitOfMeasure: 'KGM',
  actualUnitPrice: '2.50',
  extendedAmount: '1.28',
}
const original = { linkType: 'RETURN_OF' as const, workstationId: '3', sequenceNumber: 1 }

const receipts: [string, Transaction, string[]][] = [
  ['a sale with change', makeSale(1), ['order', 'transaction']],
  [
    'a return',
    receiptOf([returned, { ...cash, amount: '-2.50' }], { transactionType: 'RETURN', links: [original] }),
    ['refund', 'transaction'],
  ],
  [
    'an exchange',
    receiptOf([goods, returned, { ...cash, amount: '2.50' }], { transactionType: 'EXCHANGE', links: [original] }),
    ['order', 'refund', 'transaction'],
  ],
  [
    'a sale with discounts, added taxes, shipping, a gift card, a tip and two means of payment',
    receiptOf([
      {
        ...goods,
        netAmount: '4.50',
        priceModifiers: [
          {
            sequence: 1,
            amount: '-0.50',
            percent: '10',
            promotionId: 'spring',
            method: 'PROMOTION',
            appliedTo: 'LINE',
          },
        ],
        taxes: [
          { taxType: 'SALES', ratePercent: '8.875', taxableAmount: '4.50', taxAmount: '0.40', includedInPrice: false },
        ],
      },
      { lineType: 'FEE', amount: '3.00', description: 'Shipping' },
      { lineType: 'GIFT_CARD', amount: '20.00', description: 'Gift card' },
      { lineType: 'TIP', amount: '1.00' },
      { ...cash, amount: '8.90' },
      { lineType: 'TENDER', tenderType: 'CREDIT_DEBIT', amount: '20.00', card: { brand: 'Visa', last4: '4242' } },
    ]),
    ['order', 'transaction', 'transaction'],
  ],
  [
    'a sale that is rounded to a coin, with a line that was voided and a card that was declined',
    receiptOf([
      { ...goods, quantity: '1', actualUnitPrice: '2.52', extendedAmount: '2.52', taxes: [] },
      { ...goods, voided: true },
      { lineType: 'ROUNDING', amount: '-0.02' },
      { lineType: 'TENDER', tenderType: 'CREDIT_DEBIT', amount: '2.52', state: 'DECLINED' },
      { ...cash, amount: '2.50' },
    ]),
    ['order', 'transaction'],
  ],
  [
    'a sale that has its taxes in the summary only',
    receiptOf([
      { ...goods, taxes: [] },
      { lineType: 'TAX', taxType: 'VAT', ratePercent: '19', taxAmount: '0.80', includedInPrice: true },
      cash,
    ]),
    ['order', 'transaction'],
  ],
  [
    'goods by weight, with a discount and a tax',
    receiptOf([
      {
        ...weighed,
        priceModifiers: [{ sequence: 1, amount: '-0.10', method: 'MANUAL', appliedTo: 'LINE' }],
        netAmount: '1.18',
      },
      goods,
      { ...cash, amount: '6.18' },
    ]),
    ['order', 'transaction'],
  ],
  [
    'goods by weight that come back',
    receiptOf(
      [
        { ...weighed, lineType: 'RETURN', quantity: '-0.512', extendedAmount: '-1.28', taxes: [] },
        { ...cash, amount: '-1.28' },
      ],
      { transactionType: 'RETURN', links: [original] },
    ),
    ['refund', 'transaction'],
  ],
  [
    'a coupon over goods that cannot be split evenly',
    receiptOf([
      { ...goods, taxes: [] },
      { ...weighed, taxes: [] },
      { lineType: 'COUPON', amount: '-1.00', reference: 'SPRING' },
      { ...cash, amount: '5.28' },
    ]),
    ['order', 'transaction'],
  ],
  [
    'a void of a sale',
    receiptOf([returned, { ...cash, amount: '-2.50' }], {
      transactionType: 'POST_VOID',
      links: [{ ...original, linkType: 'POST_VOID_OF' }],
    }),
    ['refund', 'transaction'],
  ],
  ['a sale of the web shop', makeSale(1, { channel: 'ECOM', businessUnitId: 'web' }), ['order', 'transaction']],
  [
    'a sale in yen',
    makeSale(1, {
      currency: 'JPY',
      totals: {},
      lines: [
        { ...goods, actualUnitPrice: '250', extendedAmount: '500', taxes: [] },
        { ...cash, amount: '500', tenderedAmount: '500', changeAmount: '0' },
      ],
    }),
    ['order', 'transaction'],
  ],
]

describe('receipts of a till, written as Shopify would send them', () => {
  it.each(receipts)('%s comes back with the same money, store, day and till', async (_name, receipt, types) => {
    expect(writer.canWrite(receipt)).toBe(true)
    const facts = await readBack(receipt)
    expect(facts.map(({ vendorFact }) => vendorFact?.objectType)).toEqual(types)
    const counting = {
      ...receipt,
      lines: receipt.lines.filter((line) => !line.voided && !('state' in line && line.state)),
    }
    expect(moneyOf(facts)).toEqual(moneyOf([counting]))
    for (const fact of facts) {
      const { businessUnitId, businessDayDate, currency } = fact
      expect({ businessUnitId, businessDayDate, currency }).toEqual({
        businessUnitId: receipt.businessUnitId,
        businessDayDate: receipt.businessDayDate,
        currency: receipt.currency,
      })
      expect(checkTransaction(fact, context.store('9')).filter(({ severity }) => severity === 'error')).toEqual([])
    }
  })

  it('gives a return the sale that it takes back', async () => {
    const [sale, , refund] = await readBack(
      makeSale(1),
      receiptOf([returned, { ...cash, amount: '-2.50' }], { transactionType: 'RETURN', links: [original] }),
    )
    expect(refund?.links?.[0]?.transactionKey).toBe(`fact:example.myshopify.com/order/${sale?.vendorFact?.objectId}`)
  })

  it('invents the same ids each time, and others for other receipts', async () => {
    const idOf = async (receipt: Transaction) => (await readBack(receipt))[0]?.vendorFact?.objectId
    expect(await idOf(makeSale(1))).toBe(await idOf(makeSale(1, { customerId: '17' })))
    const ids = await Promise.all(
      [makeSale(1), makeSale(2), makeSale(1, { workstationId: '4' }), makeSale(1, { series: 'B' })].map(idOf),
    )
    expect(new Set(ids).size).toBe(4)
  })

  it('keeps the weight, and says which code took how much off what', async () => {
    const [sale] = await readBack(
      receiptOf([
        { ...goods, taxes: [] },
        { ...weighed, taxes: [] },
        { lineType: 'COUPON', amount: '-1.00', reference: 'SPRING' },
        { ...cash, amount: '5.28' },
      ]),
    )
    const code = { method: 'COUPON', couponCode: 'SPRING', appliedTo: 'TRANSACTION_PRORATED' }
    expect(sale?.lines.slice(0, 2)).toMatchObject([
      { quantity: '2', netAmount: '4.20', priceModifiers: [{ ...code, amount: '-0.80' }] },
      {
        ...{ quantity: '0.512', unitOfMeasure: 'KGM', actualUnitPrice: '2.50' },
        ...{ extendedAmount: '1.28', netAmount: '1.08', priceModifiers: [{ ...code, amount: '-0.20' }] },
      },
    ])
  })

  it('takes a void for goods that never left', async () => {
    const [refund] = await readBack(
      receiptOf(
        [
          { ...returned, taxes: [] },
          { ...cash, amount: '-2.50' },
        ],
        {
          transactionType: 'POST_VOID',
          links: [{ ...original, linkType: 'POST_VOID_OF' }],
        },
      ),
    )
    expect(refund).toMatchObject({
      transactionType: 'RETURN',
      links: [{ linkType: 'RETURN_OF' }],
      lines: [{ inventoryImpact: { bucket: 'SELLABLE' }, extensions: { 'shopify:restock_type': 'cancel' } }, {}],
    })
  })

  it('has no words for what Shopify does not know', () => {
    const lines = (...some: Unnumbered[]) => receiptOf([goods, cash, ...some])
    const unwritable = [
      makeSale(1, { transactionType: 'POST_VOID' }),
      makeSale(1, { status: 'SUSPENDED' }),
      makeSale(1, { transactionType: 'NO_SALE', lines: [] }),
      lines({ lineType: 'DEPOSIT', amount: '0.25' }),
      lines({ lineType: 'COUPON', amount: '-5.01' }),
      makeSale(1, { transactionType: 'POST_VOID', links: [{ ...original, linkType: 'POST_VOID_OF' }] }),
      lines({ ...goods, quantity: '3', extendedAmount: '5.00' }),
      lines({ ...cash, tenderType: 'LOYALTY' }),
      lines({ ...goods, taxes: [{ taxType: 'SALES', taxAmount: '1', includedInPrice: false }] }),
    ]
    for (const receipt of unwritable) {
      expect(writer.canWrite(receipt)).toBe(false)
      expect(() => writer.writeDocument([receipt], context)).toThrow(RangeError)
    }
  })

  it('keeps the money of any basket to the cent', { timeout: 60_000 }, async () => {
    const cents = (amount: number) => formatDecimal({ unscaled: BigInt(amount), scale: 2 }, 2)
    const basketItem = fc.record({
      price: fc.integer({ min: 1, max: 99_999 }),
      quantity: fc.integer({ min: 1, max: 9 }),
      discount: fc.integer({ min: 0, max: 50 }),
      rate: fc.constantFrom('0', '5', '7', '8.875', '19', '25'),
      isReturn: fc.boolean(),
    })
    const basket = fc.record({ items: fc.array(basketItem, { minLength: 1, maxLength: 8 }), included: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(basket, async ({ items, included }) => {
        const sold = items.map(({ price, quantity, discount, rate, isReturn }): Omit<SaleLine, 'lineNumber'> => {
          const sign = isReturn ? -1 : 1
          const off = Math.min(discount, price * quantity)
          const net = price * quantity - off
          const tax = Math.round(included ? (net * Number(rate)) / (100 + Number(rate)) : (net * Number(rate)) / 100)
          return {
            ...goods,
            lineType: isReturn ? 'RETURN' : 'SALE',
            quantity: String(sign * quantity),
            actualUnitPrice: cents(price),
            extendedAmount: cents(sign * price * quantity),
            netAmount: cents(sign * net),
            priceModifiers:
              off === 0 ? [] : [{ sequence: 1, amount: cents(-sign * off), method: 'PROMOTION', appliedTo: 'LINE' }],
            taxes: [
              {
                taxType: 'VAT',
                ratePercent: rate,
                taxableAmount: cents(sign * net),
                taxAmount: cents(sign * tax),
                includedInPrice: included,
              },
            ],
          }
        })
        const open = receiptOf(sold, { transactionType: 'EXCHANGE' })
        const paid = receiptOf(
          [...sold, { lineType: 'TENDER', tenderType: 'CASH', amount: computeTotals(open).grandTotal }],
          {
            transactionType: items.every(({ isReturn }) => isReturn) ? 'RETURN' : 'EXCHANGE',
          },
        )
        const facts = await readBack(paid)
        expect(moneyOf(facts)).toEqual(moneyOf([paid]))
        expect(
          facts
            .flatMap((fact) => checkTransaction(fact, context.store('9')))
            .filter(({ severity }) => severity === 'error'),
        ).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
