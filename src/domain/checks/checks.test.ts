import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSale, testStore } from '../../testing/receipts.ts'
import { balanceDifference, computeTotals } from '../compute-totals.ts'
import { decimal, formatDecimal } from '../decimal.ts'
import type { StoreProfile } from '../store.ts'
import type { Line, SaleLine, TenderLine } from '../transaction/line.ts'
import type { Transaction } from '../transaction/transaction.ts'
import { checks, checkTransaction } from './index.ts'

const [goods, cash] = makeSale(1).lines as [SaleLine, TenderLine]
const withGoods = (changes: Partial<SaleLine>) => makeSale(1, { lines: [{ ...goods, ...changes }, cash] })
const withLines = (...lines: Line[]) => makeSale(1, { lines: [goods, cash, ...lines] })
const drawerOf = (declared: string, overShort: string) =>
  makeSale(1, {
    transactionType: 'TILL_SETTLE',
    lines: [],
    totals: {},
    tillSession: {
      openingFloat: '50.00',
      cashSales: '60.00',
      cashRefunds: '10.00',
      expected: [{ tenderType: 'CASH', amount: '100.00' }],
      declared: [{ tenderType: 'CASH', amount: declared }],
      overShort: [{ tenderType: 'CASH', amount: overShort }],
    },
  })

/** For every check one receipt that it finds fault with. */
const failing: Record<string, [Transaction, Partial<StoreProfile>?]> = {
  'INV-01': [withGoods({ quantity: '3' })],
  'INV-02': [
    withGoods({
      netAmount: '4.00',
      priceModifiers: [{ sequence: 1, amount: '-0.50', method: 'PROMOTION', appliedTo: 'LINE' }],
    }),
  ],
  'INV-03': [
    withGoods({
      taxes: [{ taxType: 'VAT', ratePercent: '19', taxableAmount: '5.00', taxAmount: '1.50', includedInPrice: true }],
    }),
  ],
  'INV-04': [makeSale(1, { totals: { grandTotal: '5.02' } })],
  'INV-05': [makeSale(1, { totals: { grandTotal: '5.01' } })],
  'INV-06': [withLines({ lineNumber: 3, lineType: 'ROUNDING', amount: '0.04' }), { smallestCoin: '0.05' }],
  'INV-08': [makeSale(1, { transactionType: 'POST_VOID' })],
  'INV-10': [makeSale(1, { beginDateTime: '2026-03-02T12:00:00+01:00' })],
  'INV-11': [makeSale(1, { zReport: { zNumber: 1, firstSequence: 1, lastSequence: 5, transactionCount: 9 } })],
  'INV-12': [drawerOf('99.70', '0.00')],
  'INV-14': [makeSale(1, { transactionType: 'INVENTORY_COUNT' })],
  'INV-15': [makeSale(1, { trainingMode: true, lines: [{ ...cash, state: 'CAPTURED' }] })],
  'INV-16': [withLines({ lineNumber: 3, lineType: 'LOYALTY', balanceAfter: '-1' })],
  'INV-17': [withGoods({ currency: 'USD' })],
  'INV-18': [withGoods({ gtin: '4006381333932' })],
  'INV-19': [makeSale(1, { fiscal: { status: 'SIGNED' } })],
  'INV-20': [withGoods({ voided: true }), { approvalLimit: '1' }],
  SIGN: [withGoods({ quantity: '-2', extendedAmount: '-5.00' })],
  QTY: [withGoods({ quantity: '0' })],
}

describe('the checks of one receipt', () => {
  it('say nothing of a receipt that is right', () => {
    expect(checkTransaction(makeSale(1), testStore, { receivedAt: '2026-03-02T12:00:00Z' })).toEqual([])
  })
  it.each(checks.map((check) => check.id))('%s finds its fault, with severity and advice', (id) => {
    const [transaction, changes] = failing[id] ?? [makeSale(1)]
    const found = checkTransaction(transaction, { ...testStore, ...changes }).filter((finding) => finding.check === id)
    expect(found.length).toBeGreaterThan(0)
    expect(found[0]).toMatchObject({
      severity: expect.stringMatching(/info|warn|error/),
      message: expect.any(String),
      advice: expect.any(String),
    })
  })
  it('find a tender that is off by a single cent, whatever the receipt', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(-1, 1),
        (cents, off) => {
          const text = (minor: number) => formatDecimal({ unscaled: BigInt(minor), scale: 2 }, 2)
          const total = cents.reduce((a, b) => a + b, 0)
          const lines: Line[] = cents.map((one, index) => ({
            ...goods,
            lineNumber: index + 1,
            quantity: '1',
            actualUnitPrice: text(one),
            extendedAmount: text(one),
            taxes: [],
          }))
          const receipt = (paid: number) =>
            makeSale(1, {
              lines: [...lines, { ...cash, lineNumber: 99, amount: text(paid) }],
              totals: { grandTotal: text(total) },
            })
          expect(checkTransaction(receipt(total), testStore)).toEqual([])
          expect(checkTransaction(receipt(total + off), testStore).map((finding) => finding.check)).toEqual(['INV-05'])
          expect(balanceDifference(receipt(total + off))).toEqual({ unscaled: BigInt(off), scale: 2 })
        },
      ),
    )
  })
  it('see a drawer that is short by thirty cents', () => {
    const found = checkTransaction(drawerOf('99.70', '-0.30'), testStore)
    expect(found).toMatchObject([{ check: 'INV-12', severity: 'info', message: 'The drawer is short by 0.30.' }])
  })
  it('agree with a refund of four pieces under two added taxes', () => {
    const refund = makeSale(1, {
      transactionType: 'RETURN',
      lines: [
        {
          ...goods,
          lineType: 'RETURN',
          quantity: '-4',
          actualUnitPrice: '39.99',
          extendedAmount: '-159.96',
          priceModifiers: [{ sequence: 1, amount: '15.99', method: 'PROMOTION', appliedTo: 'LINE' }],
          taxes: [
            { taxType: 'GST', ratePercent: '5', taxableAmount: '-143.97', taxAmount: '-7.20', includedInPrice: false },
            { taxType: 'PST', ratePercent: '7', taxableAmount: '-143.97', taxAmount: '-10.08', includedInPrice: false },
          ],
        },
        { ...cash, amount: '-161.25' },
      ],
      totals: { grandTotal: '-161.25' },
    })
    expect(checkTransaction(refund, testStore)).toEqual([])
    expect(computeTotals(refund)).toMatchObject({
      netSales: '-143.97',
      taxAdded: '-17.28',
      grandTotal: '-161.25',
      tenderTotal: '-161.25',
    })
  })
  it('take a rounded sale whose payment is a fact of its own for nothing odd', () => {
    const rounded = makeSale(1, {
      lines: [
        { ...goods, quantity: '1', actualUnitPrice: '4.98', extendedAmount: '4.98', taxes: [] },
        { lineNumber: 2, lineType: 'ROUNDING', amount: '0.02' },
        { lineNumber: 3, lineType: 'TENDER', tenderType: 'ACCOUNTS_RECEIVABLE', amount: '5.00' },
      ],
      totals: { grandTotal: '5.00' },
    })
    expect(checkTransaction(rounded, { ...testStore, smallestCoin: '0.05' })).toEqual([])
  })
  it('count a voided line as nothing', () => {
    const voided = withLines({ ...goods, lineNumber: 3, voided: true })
    expect(checkTransaction(voided, testStore)).toEqual([])
    expect(decimal(computeTotals(voided).grossSales)).toEqual(decimal('5.00'))
  })
})
