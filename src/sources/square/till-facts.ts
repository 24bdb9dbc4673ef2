import type { ReadContext } from '../../contract/source.ts'
import { computeTotals, countingLines, isSaleLine, netOfLine } from '../../domain/compute-totals.ts'
import { absolute, compare, decimal, formatDecimal, subtract, sum, zero } from '../../domain/decimal.ts'
import { toMinorUnits } from '../../domain/money.ts'
import type { TransactionType } from '../../domain/transaction/codes.ts'
import type { Line, SaleLine, TenderLine } from '../../domain/transaction/line.ts'
import type { Totals } from '../../domain/transaction/totals.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { defined } from './fields.ts'
import { type TillIds, tillIds } from './till-ids.ts'
import { tenderIdOf } from './write-money.ts'

const receiptTypes = new Set<TransactionType>(['SALE', 'RETURN', 'EXCHANGE', 'CANCELLED'])
const drawerTypes = new Set<TransactionType>(['TILL_SETTLE', 'NO_SALE', 'PAID_IN', 'PAID_OUT'])
const lineTypes = new Set<Line['lineType']>([
  ...(['SALE', 'RETURN', 'TENDER', 'TAX', 'GIFT_CARD', 'FEE', 'DONATION', 'TIP', 'ROUNDING'] as const),
])

/** Whether Square has words for a transaction: orders, returns, payments and drawers in whole minor units, of which nothing is amiss. */
export function isWritable(transaction: Transaction): boolean {
  const { transactionType, vendorFact, tillSession, trainingMode, lines } = transaction
  if (vendorFact) return transaction.source?.system === 'Square'
  if (trainingMode || transaction.workstationId === undefined || transaction.sequenceNumber === undefined) return false
  if (drawerTypes.has(transactionType)) return transactionType !== 'TILL_SETTLE' || tillSession?.cashSales !== undefined
  if (!receiptTypes.has(transactionType)) return false
  if (transaction.status !== 'COMPLETED' && transaction.status !== 'CANCELLED') return false
  return lines.every((line) => line.voided || isWritableLine(line, transaction)) && hasTaxesInLines(transaction)
}

function isWritableLine(line: Line, { currency, transactionType }: Transaction): boolean {
  // Points are kept by Square's loyalty, not by its orders; money that they took off is not a word of either.
  if (line.lineType === 'LOYALTY') return line.amount === undefined
  if (!lineTypes.has(line.lineType)) return false
  const sells = transactionType !== 'RETURN'
  if (line.lineType === 'SALE' && !sells) return false
  if (
    (line.lineType === 'FEE' || line.lineType === 'GIFT_CARD' || line.lineType === 'DONATION') &&
    decimal(line.amount).unscaled < 0n === sells
  )
    return false
  const amounts = isSaleLine(line)
    ? [line.extendedAmount, formatDecimal(netOfLine(line)), ...(line.taxes ?? []).map((tax) => tax.taxAmount)]
    : ['amount' in line ? line.amount : undefined]
  return amounts.every((text) => text === undefined || 'minor' in toMinorUnits(text, currency))
}

/** Square writes the tax of each line; a receipt that only has a summary cannot be written. */
function hasTaxesInLines(transaction: Transaction): boolean {
  const lines = countingLines(transaction)
  return (
    !lines.some((line) => line.lineType === 'TAX') ||
    lines.some((line) => 'taxes' in line && (line.taxes ?? []).length > 0)
  )
}

/** A till's receipt as the facts that Square would tell of it; a fact that was read from Square is one already. */
export function toFacts(transaction: Transaction, context: ReadContext): Transaction[] {
  if (transaction.vendorFact) return [transaction]
  const ids = tillIds(transaction, context)
  if (drawerTypes.has(transaction.transactionType)) {
    const objectType = transaction.transactionType === 'TILL_SETTLE' ? 'cash_drawer_shift' : 'cash_drawer_shift_event'
    return [{ ...transaction, ...identity(ids, objectType, ids.own), extensions: ids.location }]
  }
  const lines = withTipLine(countingLines(transaction).filter(isTold))
  const returned = lines.filter((line) => line.lineType === 'RETURN')
  const charges = lines.filter((line) => !isSaleLine(line) && line.lineType !== 'TENDER').map(asCharge)
  const sold = lines.filter((line) => line.lineType === 'SALE')
  const isReturn = transaction.transactionType === 'RETURN'
  const sale = isReturn ? [] : [makeSale(transaction, ids, [...sold, ...charges].map(named))]
  const back =
    returned.length > 0 || isReturn
      ? [makeReturn(transaction, ids, [...returned, ...(isReturn ? charges : [])].map(named))]
      : []
  const tenders = lines.filter((line): line is TenderLine => line.lineType === 'TENDER')
  return [...sale, ...back, ...tenders.map((tender, index) => makeTender(transaction, ids, tender, index + 1))]
}

/** The tax of each line stands in the line, and points in another system. */
function isTold({ lineType }: Line): boolean {
  return lineType !== 'TAX' && lineType !== 'LOYALTY'
}

function identity(
  { account }: TillIds,
  objectType: string,
  objectId: string,
): Pick<Transaction, 'vendorFact' | 'source'> {
  return { vendorFact: { account, objectType, objectId }, source: { system: 'Square', transactionId: objectId } }
}

function makeSale(transaction: Transaction, ids: TillIds, lines: Line[]): Transaction {
  const { totals, ...rest } = transaction
  const sale = { ...rest, ...identity(ids, 'order', ids.own), lines, extensions: ids.location }
  return { ...sale, totals: totalsOf(sale, isMixed(transaction) ? undefined : totals) }
}

function makeReturn(transaction: Transaction, ids: TillIds, lines: Line[]): Transaction {
  const { totals, ...rest } = transaction
  const extensions = { ...ids.location, ...defined({ 'square:source_order_id': ids.original }) }
  const taken = { ...rest, ...identity(ids, 'return', `${ids.own}/return`), lines, extensions }
  return { ...taken, totals: totalsOf(taken, isMixed(transaction) ? undefined : totals) }
}

/** Of an exchange the till states what is left of both, Square each by itself. */
function isMixed({ transactionType, lines }: Transaction): boolean {
  return transactionType !== 'RETURN' && lines.some((line) => line.lineType === 'RETURN' && !line.voided)
}

/** What Square states of the whole: the till's own figures, else ours from the lines. */
function totalsOf(transaction: Transaction, own: Totals | undefined): Totals {
  const { discounts, taxTotal, tip, grandTotal } = computeTotals(transaction)
  return { discounts, taxTotal, tip, grandTotal: own?.grandTotal ?? grandTotal }
}

/** Money that came in is a payment, money that went out a refund of the payment that the original was paid by. */
function makeTender(transaction: Transaction, ids: TillIds, tender: TenderLine, index: number): Transaction {
  const isRefund = decimal(tender.amount).unscaled < 0n
  const { lines: _, totals: __, links: ___, ...rest } = transaction
  const { tip, ...kept } = tender
  const extensions = {
    ...ids.location,
    'square:order_id': ids.own,
    ...(isRefund && defined({ 'square:payment_id': ids.originalPayment })),
    ...(!isRefund && defined({ 'square:tip_money': tip })),
  }
  return {
    ...rest,
    ...identity(ids, isRefund ? 'refund' : 'payment', `${ids.own}-${isRefund ? 'R' : 'P'}${index}`),
    lines: [{ ...kept, tenderId: tenderIdOf(tender.tenderType) }],
    extensions,
  }
}

/** Tills state a tip on the tender; an order has it in its total. */
function withTipLine(lines: readonly Line[]): Line[] {
  const tips = lines.flatMap((line) =>
    line.lineType === 'TENDER' && line.tip !== undefined ? [decimal(line.tip)] : [],
  )
  const tip = sum(tips)
  if (compare(tip, zero) === 0 || lines.some((line) => line.lineType === 'TIP')) return [...lines]
  return [...lines, { lineNumber: lines.length + 1, lineType: 'TIP', amount: formatDecimal(tip) }]
}

function asCharge(line: Line): Line {
  return line.lineType === 'DONATION' ? { ...line, lineType: 'FEE' } : line
}

/** Names of our own for lines, so that a return can name the line that it takes back. */
function named(line: Line): Line {
  const extensions = { 'square:uid': `line-${line.lineNumber}` }
  if (line.lineType === 'FEE') return { ...line, reasonCode: 'CUSTOM', extensions }
  if (!isSaleLine(line)) return { ...line, extensions }
  const original = line.originalLink?.lineNumber
  return {
    ...line,
    ...discountOf(line),
    ...(line.taxes && { taxes: line.taxes.map(asSquareTax) }),
    extensions: {
      ...extensions,
      ...(original !== undefined && { 'square:source_line_item_uid': `line-${original}` }),
    },
  }
}

function discountOf(line: SaleLine): Partial<SaleLine> {
  const discount = subtract(netOfLine(line), decimal(line.extendedAmount))
  if (compare(absolute(discount), zero) === 0) return {}
  const known = sum((line.priceModifiers ?? []).map((one) => decimal(one.amount)))
  if (compare(known, discount) === 0) return { discountAmount: formatDecimal(discount) }
  const rest = { sequence: 1, amount: formatDecimal(discount), method: 'MANUAL', appliedTo: 'LINE' } as const
  return { discountAmount: formatDecimal(discount), priceModifiers: [rest] }
}

/** Square has two kinds of tax; which authority or law one is of has no word. */
function asSquareTax(tax: NonNullable<SaleLine['taxes']>[number]): typeof tax {
  const rate = tax.ratePercent ?? 'none'
  const uid = [tax.taxGroupId ?? 'tax', rate, tax.includedInPrice ? 'included' : 'added'].join('-')
  return { ...tax, taxGroupId: uid.slice(0, 60), taxType: tax.includedInPrice ? 'VAT' : 'SALES' }
}
