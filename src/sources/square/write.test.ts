import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../contract/source.ts'
import { computeTotals } from '../../domain/compute-totals.ts'
import { add, decimal, formatDecimal, subtract, sum, zero } from '../../domain/decimal.ts'
import type { SaleLine, TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { makeSale, testStore } from '../../testing/receipts.ts'
import { readAll, transactionsIn } from '../../testing/source/read-all.ts'
import { square } from './source.ts'
import { writer } from './write.ts'

const context: ReadContext = {
  store: (businessUnitId) => ({ ...testStore, businessUnitId }),
  account: { account: 'MLEXAMPLE0001', storeOf: (location) => location },
}
const [goods, cash] = makeSale(1).lines as [SaleLine, TenderLine]

async function throughSquare(transactions: readonly Transaction[], within = context): Promise<Transaction[]> {
  const reading = await readAll(square, [Buffer.from(writer.writeDocument(transactions, within))], within)
  expect(reading.problem).toBeUndefined()
  const read = transactionsIn(reading)
  expect(read).toHaveLength(reading.results.length)
  return read.map(({ transaction }) => transaction)
}

/** What must be the same however many facts a receipt becomes: what was sold, taxed, and moved by each means of payment. */
function sumsOf(transactions: readonly Transaction[]) {
  const totals = transactions.map(computeTotals)
  const byTender = new Map<string, ReturnType<typeof decimal>>()
  for (const line of transactions.flatMap(({ lines }) => lines)) {
    if (line.lineType !== 'TENDER') continue
    byTender.set(line.tenderType, add(byTender.get(line.tenderType) ?? zero, decimal(line.amount)))
  }
  // What settles an account was asked for before.
  const settled = transactions.flatMap(({ lines }) =>
    lines.flatMap((line) => (line.lineType === 'PAYMENT_ON_ACCOUNT' ? [decimal(line.amount)] : [])),
  )
  byTender.set('ACCOUNTS_RECEIVABLE', subtract(byTender.get('ACCOUNTS_RECEIVABLE') ?? zero, sum(settled)))
  const amount = (name: 'grossSales' | 'discounts' | 'netSales' | 'taxIncluded' | 'taxAdded' | 'tip') =>
    formatDecimal(sum(totals.map((one) => decimal(one[name]))), 2)
  return {
    ...Object.fromEntries(
      (['grossSales', 'discounts', 'netSales', 'taxIncluded', 'taxAdded', 'tip'] as const).map((name) => [
        name,
        amount(name),
      ]),
    ),
    asked: formatDecimal(subtract(sum(totals.map((one) => decimal(one.grandTotal))), sum(settled)), 2),
    tenders: Object.fromEntries(
      [...byTender]
        .filter(([, value]) => value.unscaled !== 0n)
        .map(([type, value]) => [type, formatDecimal(value, 2)]),
    ),
  }
}

const keysOf = (transactions: readonly Transaction[]) =>
  transactions.map(({ vendorFact }) => `${vendorFact?.objectType} ${vendorFact?.objectId}`)

const returnOf = (changes: Partial<Transaction> = {}) =>
  makeSale(2, {
    transactionType: 'RETURN',
    links: [{ linkType: 'RETURN_OF', transactionKey: 'till:9/3/-/1' }],
    lines: [
      {
        ...goods,
        lineType: 'RETURN',
        quantity: '-1',
        extendedAmount: '-2.50',
        taxes: [
          { taxType: 'VAT', ratePercent: '19', taxableAmount: '-2.50', taxAmount: '-0.40', includedInPrice: true },
        ],
        originalLink: { transactionKey: 'till:9/3/-/1', lineNumber: 1 },
      },
      { lineNumber: 2, lineType: 'TENDER', tenderType: 'CASH', amount: '-2.50' },
    ],
    totals: { grandTotal: '-2.50' },
    ...changes,
  })

describe("a till's receipt at Square", () => {
  it('is an order and a payment for each tender, with names made of its number', async () => {
    const card: TenderLine = {
      ...cash,
      lineNumber: 3,
      tenderType: 'CREDIT_DEBIT',
      amount: '2.00',
      card: { last4: '1117' },
    }
    const { tenderedAmount: _, changeAmount: __, ...exact } = card
    const facts = await throughSquare([makeSale(160, { lines: [goods, { ...cash, amount: '3.00' }, exact] })])
    expect(keysOf(facts)).toEqual(['order 9-3-0-160', 'payment 9-3-0-160-P1', 'payment 9-3-0-160-P2'])
    expect(facts[1]?.links).toEqual([{ linkType: 'ORDER_OF', transactionKey: 'fact:MLEXAMPLE0001/order/9-3-0-160' }])
    expect(facts[1]?.lines[1]).toMatchObject({ tenderType: 'CASH', amount: '3.00', tenderedAmount: '10.00' })
    expect(facts[2]?.lines[1]).toMatchObject({ tenderType: 'CREDIT_DEBIT', amount: '2.00', card: { last4: '1117' } })
  })

  it('names the day where numbers restart, and the series', async () => {
    const restarting: ReadContext = {
      ...context,
      store: (businessUnitId) => ({ ...testStore, businessUnitId, numbersRestartDaily: true }),
    }
    const facts = await throughSquare([makeSale(7, { series: 'B' })], restarting)
    expect(keysOf(facts)).toEqual(['order 9-3-B-7-2026-03-02', 'payment 9-3-B-7-2026-03-02-P1'])
  })

  it('is taken back by a return of its order and a refund of its payment', async () => {
    const facts = await throughSquare([makeSale(1), returnOf()])
    expect(keysOf(facts)).toEqual(['order 9-3-0-1', 'return 9-3-0-2/return', 'payment 9-3-0-1-P1', 'refund 9-3-0-2-R1'])
    expect(facts[1]?.links).toEqual([{ linkType: 'RETURN_OF', transactionKey: 'fact:MLEXAMPLE0001/order/9-3-0-1' }])
    expect(facts[1]?.lines[0]?.extensions).toMatchObject({ 'square:source_line_item_uid': 'line-1' })
    expect(facts[3]?.links).toEqual([
      { linkType: 'RETURN_OF', transactionKey: 'fact:MLEXAMPLE0001/payment/9-3-0-1-P1' },
    ])
    expect(sumsOf(facts)).toEqual(sumsOf([makeSale(1), returnOf()]))
  })

  it.each(['EXCHANGE', 'SALE'] as const)(
    'is one order with a return in it when goods go both ways in a %s',
    async (transactionType) => {
      const [back] = returnOf().lines
      const exchange = makeSale(3, {
        transactionType,
        lines: [goods, { ...(back as SaleLine), lineNumber: 2 }, { ...cash, lineNumber: 3, amount: '2.50' }],
        totals: { grandTotal: '2.50' },
      })
      const facts = await throughSquare([exchange])
      expect(keysOf(facts)).toEqual(['order 9-3-0-3', 'return 9-3-0-3/return', 'payment 9-3-0-3-P1'])
      expect(sumsOf(facts)).toEqual(sumsOf([exchange]))
    },
  )

  it('keeps tips, fees, roundings, discounts and voided lines for what they are', async () => {
    const sale = makeSale(4, {
      lines: [
        {
          ...goods,
          priceModifiers: [{ sequence: 1, amount: '-0.50', method: 'EMPLOYEE', appliedTo: 'LINE' }],
          netAmount: '4.50',
        },
        { ...goods, lineNumber: 2, voided: true },
        { lineNumber: 3, lineType: 'FEE', amount: '1.00', description: 'Bag' },
        { lineNumber: 4, lineType: 'ROUNDING', amount: '-0.02' },
        { lineNumber: 6, lineType: 'LOYALTY', pointsEarned: '5' },
        { lineNumber: 7, lineType: 'TAX', taxType: 'VAT', taxAmount: '0.80', includedInPrice: true },
        { lineNumber: 5, lineType: 'TENDER', tenderType: 'CASH', amount: '5.98', tip: '0.50' },
      ],
      totals: { grandTotal: '5.98' },
    })
    const facts = await throughSquare([sale])
    expect(sumsOf(facts)).toEqual({ ...sumsOf([sale]) })
    expect(facts[0]?.totals).toMatchObject({ grandTotal: '5.98', tip: '0.50' })
  })

  it('settles a drawer, and says when it was opened for nothing or for money', async () => {
    const drawer = (changes: Partial<Transaction>) => makeSale(5, { lines: [], totals: {}, ...changes })
    const facts = await throughSquare([
      drawer({
        transactionType: 'TILL_SETTLE',
        tillSession: {
          openingFloat: '100.00',
          cashSales: '50.00',
          pickups: '40.00',
          expected: [{ tenderType: 'CASH', amount: '110.00' }],
          declared: [{ tenderType: 'CASH', amount: '109.70' }],
        },
      }),
      drawer({ transactionType: 'PAID_OUT', cashMovement: { amount: '-4.00' } }),
      drawer({ transactionType: 'NO_SALE', sequenceNumber: 6 }),
    ])
    expect(facts.map((fact) => fact.transactionType)).toEqual(['TILL_SETTLE', 'PAID_OUT', 'NO_SALE'])
    expect(facts[0]?.tillSession).toMatchObject({ paidOut: '40.00', overShort: [{ amount: '-0.30' }] })
    expect(facts[1]?.cashMovement).toEqual({ amount: '-4.00' })
  })

  it.each<[string, Partial<Transaction>]>([
    ['a void', { transactionType: 'POST_VOID' }],
    ['a Z report', { transactionType: 'Z_REPORT' }],
    ['training', { trainingMode: true }],
    ['a suspended receipt', { status: 'SUSPENDED' }],
    ['a receipt without a number', { sequenceNumber: undefined as never }],
    ['a discount beside the lines', { lines: [goods, { lineNumber: 2, lineType: 'DISCOUNT', amount: '-1.00' }] }],
    ['half a cent', { lines: [{ ...goods, extendedAmount: '5.005' }] }],
    [
      'a tax that no line has',
      {
        lines: [
          { ...goods, taxes: [] },
          { lineNumber: 2, lineType: 'TAX', taxType: 'VAT', taxAmount: '0.80', includedInPrice: true },
        ],
      },
    ],
  ])('says that Square has no words for %s', (_name, changes) => {
    const transaction = makeSale(1, changes)
    expect(writer.canWrite(transaction)).toBe(false)
    expect(() => writer.writeDocument([transaction], context)).toThrow(RangeError)
  })

  it('comes back with the same sums, whatever it is made of', async () => {
    const cents = (max: number) =>
      fc.integer({ min: 1, max }).map((minor) => formatDecimal({ unscaled: BigInt(minor), scale: 2 }, 2))
    const item = fc.record({
      price: cents(50_000),
      pieces: fc.integer({ min: 1, max: 9 }),
      off: fc.integer({ min: 0, max: 90 }),
      added: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 8 }), fc.boolean(), async (items, goesBack) => {
        const receipt = makeReceipt(items, goesBack)
        const facts = await throughSquare([receipt])
        expect(sumsOf(facts)).toEqual(sumsOf([receipt]))
        expect(facts.map((fact) => computeTotals(fact).grandTotal)[0]).toBe(receipt.totals?.grandTotal)
      }),
      { numRuns: 100 },
    )
  })
})

interface Item {
  price: string
  pieces: number
  off: number
  added: boolean
}

/** A receipt of goods with discounts and both kinds of tax, sold or taken back, half of it paid by card. */
function makeReceipt(items: readonly Item[], goesBack: boolean): Transaction {
  const sign = goesBack ? -1n : 1n
  const text = (minor: bigint) => formatDecimal({ unscaled: sign * minor, scale: 2 }, 2)
  const lines = items.map(({ price, pieces, off, added }, index): SaleLine => {
    const gross = decimal(price).unscaled * BigInt(pieces)
    const discount = (gross * BigInt(off)) / 100n
    const tax = (gross - discount) / 10n
    return {
      lineNumber: index + 1,
      lineType: goesBack ? 'RETURN' : 'SALE',
      itemId: `item-${index}`,
      itemType: 'STOCK',
      quantity: String(goesBack ? -pieces : pieces),
      actualUnitPrice: price,
      extendedAmount: text(gross),
      ...(discount > 0n && {
        priceModifiers: [
          { sequence: 1, amount: text(-discount), percent: String(off), method: 'PROMOTION', appliedTo: 'LINE' },
        ],
      }),
      taxes: [{ taxType: added ? 'SALES' : 'VAT', ratePercent: '10', taxAmount: text(tax), includedInPrice: !added }],
    }
  })
  const open = makeSale(1, { transactionType: goesBack ? 'RETURN' : 'SALE', lines, totals: {} })
  const { grandTotal } = computeTotals(open)
  const total = decimal(grandTotal).unscaled
  const half = total / 2n
  const tender = (tenderType: TenderLine['tenderType'], unscaled: bigint, lineNumber: number): TenderLine => ({
    lineNumber,
    lineType: 'TENDER',
    tenderType,
    amount: formatDecimal({ unscaled, scale: 2 }, 2),
  })
  return {
    ...open,
    lines: [...lines, tender('CASH', half, 100), tender('CREDIT_DEBIT', total - half, 101)],
    totals: { grandTotal },
  }
}
