import {
  computeExactTotals,
  countingLines,
  isAmountLine,
  isSaleLine,
  isTenderLine,
  netOfLine,
  tenderCounts,
} from '../compute-totals.ts'
import { type Decimal, decimal } from '../decimal.ts'
import type { TenderLine } from '../transaction/line.ts'
import type { Transaction } from '../transaction/transaction.ts'
import { bookHead } from './book-head.ts'
import type { Booking } from './booking.ts'
import { findOriginal } from './find-original.ts'
import { toMinor, toMinorTogether } from './round-together.ts'

/**
 * One document with lines, charges, taxes and payments. Its total is the till's own where the till gave one. Where the
 * receipt's lines say something else, the document does not balance, the ERP refuses it, and a person decides.
 */
export function bookSale(transaction: Transaction, reference: string): Booking {
  const { currency } = transaction
  const exact = computeExactTotals(transaction)
  const lines = countingLines(transaction)
  const sales = lines.filter(isSaleLine)
  const charges = chargesOf(transaction, exact.tip)
  const taxes = taxesOf(transaction)
  const added = taxes.filter((tax) => !tax.included)
  // One run of rounding over everything that makes the total, so that the cents add up; taxes first, so that they do by themselves.
  const due = toMinorTogether(
    [...added.map((tax) => tax.amount), ...sales.map(netOfLine), ...charges.map((charge) => charge.amount)],
    currency,
  )
  const addedAmounts = due.splice(0, added.length)
  const nets = due.splice(0, sales.length)
  const tax = toMinor(exact.taxTotal, currency)
  const original = findOriginal(transaction, reference)
  const rounded = toMinor(exact.grandTotal, currency)
  const tillTotal = transaction.totals?.grandTotal
  const total = tillTotal === undefined ? rounded : toMinor(decimal(tillTotal), currency)
  return {
    ...bookHead(transaction, reference),
    kind: kindOf(transaction),
    total,
    tax,
    ...(original !== undefined && { original }),
    lines: sales.map(({ lineNumber, itemId, description, quantity }, index) => ({
      lineNumber,
      itemId,
      ...(description !== undefined && { description }),
      quantity,
      net: nets[index] ?? 0n,
    })),
    charges: [
      ...charges.map(({ kind }, index) => ({ kind, amount: due[index] ?? 0n })),
      ...roundingOf(total - rounded),
    ],
    taxes: [
      ...bookIncludedTaxes(taxes, tax - addedAmounts.reduce((sum, amount) => sum + amount, 0n), currency),
      ...added.map(({ amount: _, ...rest }, index) => ({ ...rest, amount: addedAmounts[index] ?? 0n })),
    ],
    payments: bookPayments(lines.filter(isTenderLine).filter(tenderCounts), currency),
  }
}

/** Taxes in the prices, in minor units that add up to `total`: what rounding leaves over goes to the last one. */
function bookIncludedTaxes(taxes: readonly Tax[], total: bigint, currency: string): Booking['taxes'] {
  const included = taxes.filter((tax) => tax.included)
  const amounts = toMinorTogether(
    included.map((tax) => tax.amount),
    currency,
  )
  const rest = total - amounts.reduce((sum, amount) => sum + amount, 0n)
  return included.map(({ amount: _, ...tax }, index) => ({
    ...tax,
    amount: (amounts[index] ?? 0n) + (index === included.length - 1 ? rest : 0n),
  }))
}

/** Payments in minor units that add up to their rounded sum. */
export function bookPayments(tenders: readonly TenderLine[], currency: string): Booking['payments'] {
  const amounts = toMinorTogether(
    tenders.map((line) => decimal(line.amount)),
    currency,
  )
  return tenders.map(({ tenderType }, index) => ({ tenderType, amount: amounts[index] ?? 0n }))
}

function kindOf({ transactionType }: Transaction): Booking['kind'] {
  if (transactionType === 'POST_VOID') return 'void'
  return transactionType === 'RETURN' || transactionType === 'ORDER_REFUND' ? 'return' : 'sale'
}

/** A till may round a half cent the other way than we do; a whole unit more is no rounding and stays a difference. */
function roundingOf(difference: bigint): Booking['charges'] {
  return difference === 1n || difference === -1n ? [{ kind: 'rounding', amount: difference }] : []
}

/** Money beside the goods, in the order of the receipt. Tips stand on their own lines or, at some tills, inside the tender. */
function chargesOf(transaction: Transaction, tip: Decimal): { kind: string; amount: Decimal }[] {
  const charges = countingLines(transaction).flatMap((line) => {
    if (isAmountLine(line) && line.lineType !== 'TIP') return [{ kind: chargeKind(line.lineType), amount: line.amount }]
    if (line.lineType === 'LOYALTY' && line.amount !== undefined) return [{ kind: 'loyalty', amount: line.amount }]
    return []
  })
  const known = charges.map(({ kind, amount }) => ({ kind, amount: decimal(amount) }))
  return tip.unscaled === 0n ? known : [...known, { kind: 'tip', amount: tip }]
}

function chargeKind(lineType: string): string {
  return lineType.toLowerCase().replaceAll('_', '-')
}

interface Tax {
  ratePercent?: string
  amount: Decimal
  included: boolean
}

/** Line taxes where the till gave any, else its summary; the same choice as `computeExactTotals` makes. */
function taxesOf(transaction: Transaction): Tax[] {
  const lines = countingLines(transaction)
  const ofLines = lines
    .flatMap((line) => (isSaleLine(line) || isAmountLine(line) ? (line.taxes ?? []) : []))
    .filter((tax) => tax.taxAmount !== undefined)
  const taxes = ofLines.length > 0 ? ofLines : lines.filter((line) => line.lineType === 'TAX')
  return taxes.map(({ ratePercent, taxAmount = '0', includedInPrice }) => ({
    ...(ratePercent !== undefined && { ratePercent }),
    amount: decimal(taxAmount),
    included: includedInPrice,
  }))
}
