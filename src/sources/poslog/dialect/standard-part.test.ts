import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../../contract/source.ts'
import { computeTotals } from '../../../domain/compute-totals.ts'
import type { Line } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { makeSale, testStore } from '../../../testing/receipts.ts'
import { goldenPairs } from '../../../testing/source/golden-pairs.ts'
import { readAll, transactionsIn } from '../../../testing/source/read-all.ts'
import { poslog } from '../source.ts'
import { dialectMark } from './vocabulary.ts'
import { writer } from './write.ts'

const context: ReadContext = { store: (businessUnitId) => ({ ...testStore, businessUnitId }) }

async function readDocument(document: string): Promise<Transaction[]> {
  return transactionsIn(await readAll(poslog, [Buffer.from(document)], context)).map(({ transaction }) => transaction)
}

/** As someone reads it who knows nothing of our namespace: only the mark that asks for our rules is taken away. */
function readAsStranger(transactions: readonly Transaction[]): Promise<Transaction[]> {
  const document = writer.writeDocument(transactions, context)
  return readDocument(document.replaceAll(` ${dialectMark}="1"`, ''))
}

/** What every reader must agree on: the kind of receipt, its number, and every figure that is money or goods. */
function figuresOf(transaction: Transaction) {
  const { transactionType, status, businessUnitId, workstationId, sequenceNumber, businessDayDate, currency } =
    transaction
  const { cashMovement, lines, totals } = transaction
  const identity = { transactionType, status, businessUnitId, workstationId, sequenceNumber, businessDayDate, currency }
  return { ...identity, cashMovement, computed: computeTotals(transaction), totals, lines: lines.map(moneyOf) }
}

function moneyOf(line: Line) {
  const { lineNumber, lineType } = line
  const own = { lineNumber, lineType, voided: line.voided ?? false }
  switch (line.lineType) {
    case 'SALE':
    case 'RETURN': {
      const { itemId, quantity, extendedAmount, netAmount } = line
      const taxes = line.taxes?.map(({ taxAmount, ratePercent }) => [taxAmount, ratePercent])
      return { ...own, itemId, quantity, extendedAmount, netAmount, taxes }
    }
    case 'TENDER':
      return {
        ...own,
        amount: line.amount,
        tendered: line.tenderedAmount,
        change: line.changeAmount,
        type: line.tenderType,
      }
    case 'TAX':
      return { ...own, tax: line.taxAmount, base: line.taxableAmount, rate: line.ratePercent }
    case 'INVENTORY':
    case 'UNKNOWN':
      return own
    default:
      return { ...own, amount: line.amount }
  }
}

const item = { itemId: 'A', itemType: 'STOCK' } as const
const till = { tenderType: 'CASH', lineType: 'TENDER' } as const
const receipts: [name: string, changes: Partial<Transaction>][] = [
  ['a sale with change', {}],
  ['a return', {
    transactionType: 'RETURN',
    lines: [
      { ...item, lineNumber: 1, lineType: 'RETURN', quantity: '-2', actualUnitPrice: '2.50', extendedAmount: '-5.00', taxes: [{ taxType: 'VAT', ratePercent: '19', taxableAmount: '-5.00', taxAmount: '-0.80', includedInPrice: true }] },
      { ...till, lineNumber: 2, amount: '-5.00' },
      { lineNumber: 3, lineType: 'TAX', taxType: 'VAT', ratePercent: '19', taxableAmount: '-4.20', taxAmount: '-0.80', includedInPrice: true },
    ],
    totals: { grandTotal: '-5.00', taxIncluded: '-0.80' },
  }],
  ['an exchange with money back', {
    transactionType: 'EXCHANGE',
    lines: [
      { ...item, lineNumber: 1, lineType: 'RETURN', quantity: '-1', extendedAmount: '-9.00' },
      { ...item, lineNumber: 2, lineType: 'SALE', quantity: '1', extendedAmount: '4.00' },
      { ...till, lineNumber: 3, amount: '-5.00' },
    ],
    totals: { grandTotal: '-5.00' },
  }],
  ['modifiers, a coupon and a reward', {
    lines: [
      { ...item, lineNumber: 1, lineType: 'SALE', quantity: '2', regularUnitPrice: '5.00', extendedAmount: '10.00', netAmount: '9.00', priceModifiers: [{ sequence: 1, amount: '-1.00', method: 'PROMOTION', appliedTo: 'LINE' }] },
      { lineNumber: 2, lineType: 'COUPON', amount: '-2.00', reference: 'C-1' },
      { lineNumber: 3, lineType: 'LOYALTY', pointsRedeemed: '100', amount: '-1.00' },
      { ...item, lineNumber: 4, lineType: 'SALE', quantity: '1', extendedAmount: '3.00', voided: true },
      { ...till, lineNumber: 5, amount: '6.00', tenderedAmount: '10.00', changeAmount: '4.00' },
    ],
    totals: { grandTotal: '6.00', discounts: '-4.00' },
  }],
  ['cash that is rounded down, and change as a line', {
    lines: [
      { ...item, lineNumber: 1, lineType: 'SALE', quantity: '1', extendedAmount: '5.02' },
      { lineNumber: 2, lineType: 'ROUNDING', amount: '-0.02', tenderType: 'CASH' },
      { ...till, lineNumber: 3, amount: '10.00' },
      { ...till, lineNumber: 4, amount: '-5.00', changeAmount: '5.00' },
    ],
    totals: { grandTotal: '5.00', rounding: '-0.02', netSales: '5.02' },
  }],
  ['cash that is rounded up', {
    lines: [
      { ...item, lineNumber: 1, lineType: 'SALE', quantity: '1', extendedAmount: '4.98' },
      { lineNumber: 2, lineType: 'ROUNDING', amount: '0.02' },
      { ...till, lineNumber: 3, amount: '5.00' },
    ],
    totals: { grandTotal: '5.00', rounding: '0.02' },
  }],
  ['a cancelled receipt', { transactionType: 'CANCELLED', status: 'CANCELLED' }],
  ['a suspended receipt', { transactionType: 'SUSPENDED', status: 'SUSPENDED' }],
  ['cash paid out', { transactionType: 'PAID_OUT', lines: [], cashMovement: { amount: '-40.00', reasonCode: '7' } }],
  ['a float', { transactionType: 'TENDER_LOAN', lines: [], cashMovement: { amount: '100.00' } }],
  ['a drawer that was opened', { transactionType: 'NO_SALE', lines: [] }],
  ['an order', { transactionType: 'ORDER_PLACE' }],
  ['an order that is fetched', { transactionType: 'ORDER_PICKUP' }],
] // biome-ignore format: receipts read better as tables

describe('a reader who knows only the standard', () => {
  it.each(receipts)('reads the figures of %s', async (_, changes) => {
    const transaction = makeSale(7, changes)
    if (transaction.lines.length === 0) delete transaction.totals
    expect((await readAsStranger([transaction])).map(figuresOf)).toEqual([figuresOf(transaction)])
  })

  it.each(goldenPairs(new URL('../samples/', import.meta.url)))(
    'reads the figures of the sample $name',
    async (pair) => {
      const ours = await readDocument(
        readFileSync(new URL(`../samples/${pair.name}.theirs.xml`, import.meta.url), 'utf8'),
      )
      const theirs = await readAsStranger(ours)
      expect(theirs.map(({ sequenceNumber }) => sequenceNumber)).toEqual(
        ours.map(({ sequenceNumber }) => sequenceNumber),
      )
      for (const [index, transaction] of ours.entries()) {
        const stranger = theirs[index]
        if (!stranger || transaction.transactionType === 'UNKNOWN') continue
        const { grandTotal, tenderTotal, itemCount } = computeTotals(stranger)
        expect({ grandTotal, tenderTotal, itemCount }).toEqual(
          (({ grandTotal, tenderTotal, itemCount }) => ({ grandTotal, tenderTotal, itemCount }))(
            computeTotals(transaction),
          ),
        )
        expect(stranger.totals?.grandTotal).toBe(transaction.totals?.grandTotal)
      }
    },
  )

  it('does not take training for a sale', async () => {
    const training = makeSale(7, { transactionType: 'TRAINING' })
    expect(await readAsStranger([training])).toMatchObject([{ trainingMode: true }])
  })
})
