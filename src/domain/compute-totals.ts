import { currencyExponent } from './currency.ts'
import { add, type Decimal, decimal, formatDecimal, negate, roundTo, subtract, sum, zero } from './decimal.ts'
import type { AmountLine, Line, SaleLine, TenderLine } from './transaction/line.ts'
import type { ComputedTotals } from './transaction/totals.ts'
import type { Transaction } from './transaction/transaction.ts'

const nonSalesKinds = new Set(['GIFT_CARD', 'DEPOSIT', 'FEE', 'DONATION', 'PAYMENT_ON_ACCOUNT'])

/** The totals as exact decimals, before they are rounded to the currency. */
export interface ExactTotals {
  grossSales: Decimal
  discounts: Decimal
  netSales: Decimal
  taxIncluded: Decimal
  taxAdded: Decimal
  taxTotal: Decimal
  rounding: Decimal
  tip: Decimal
  nonSalesTotal: Decimal
  grandTotal: Decimal
  tenderTotal: Decimal
  changeTotal: Decimal
  itemCount: Decimal
}

/** Lines that count: a voided line keeps its amounts and counts as nothing. */
export function countingLines(transaction: Transaction): Line[] {
  return transaction.lines.filter((line) => !line.voided)
}

/**
 * Our own totals from the lines: grand = net + tax added + tip + non-sales + rounding. Money that loyalty, coupons and
 * receipt discounts take off outside the lines counts as discount. A tender's amount is net of change already.
 */
export function computeExactTotals(transaction: Transaction): ExactTotals {
  const lines = countingLines(transaction)
  const sales = lines.filter(isSaleLine)
  const amounts = lines.filter(isAmountLine)
  const tenders = lines.filter(isTenderLine).filter(tenderCounts)
  const kindTotal = (...kinds: AmountLine['lineType'][]) =>
    sum(amounts.filter((line) => kinds.includes(line.lineType)).map((line) => decimal(line.amount)))

  const grossSales = sum(sales.map((line) => decimal(line.extendedAmount)))
  const modifiers = sum(
    sales.map(netOfLine).map((net, index) => subtract(net, decimal(sales[index]?.extendedAmount ?? '0'))),
  )
  const loyalty = sum(
    lines.map((line) => (line.lineType === 'LOYALTY' && line.amount !== undefined ? decimal(line.amount) : zero)),
  )
  const discounts = add(modifiers, add(loyalty, kindTotal('DISCOUNT', 'COUPON')))
  const netSales = add(grossSales, discounts)
  const { taxIncluded, taxAdded } = computeTax(lines, sales, amounts)
  const rounding = kindTotal('ROUNDING')
  const tipLines = kindTotal('TIP')
  const tip = amounts.some((line) => line.lineType === 'TIP')
    ? tipLines
    : sum(tenders.map((line) => decimal(line.tip ?? '0')))
  const nonSalesTotal = sum(
    amounts.filter((line) => nonSalesKinds.has(line.lineType)).map((line) => decimal(line.amount)),
  )
  return {
    grossSales,
    discounts,
    netSales,
    taxIncluded,
    taxAdded,
    taxTotal: add(taxIncluded, taxAdded),
    rounding,
    tip,
    nonSalesTotal,
    grandTotal: sum([netSales, taxAdded, tip, nonSalesTotal, rounding]),
    tenderTotal: sum(tenders.map((line) => decimal(line.amount))),
    changeTotal: sum(tenders.map((line) => decimal(line.changeAmount ?? '0'))),
    itemCount: sum(sales.map(itemsOf)),
  }
}

/** As `computeExactTotals`, rounded to the exponent of the transaction's currency, as decimal strings. */
export function computeTotals(transaction: Transaction): ComputedTotals {
  const exponent = currencyExponent(transaction.currency) ?? 2
  const exact = computeExactTotals(transaction)
  const rounded = Object.entries(exact).map(([name, value]) => [
    name,
    name === 'itemCount' ? formatDecimal(value) : formatDecimal(roundTo(value, exponent), exponent),
  ])
  return Object.fromEntries(rounded) as ComputedTotals
}

/** Tenders minus grand total (the till's own where it gave one): zero on a receipt that balances. */
export function balanceDifference(transaction: Transaction): Decimal {
  const exact = computeExactTotals(transaction)
  const grand = transaction.totals?.grandTotal
  return subtract(exact.tenderTotal, grand === undefined ? exact.grandTotal : decimal(grand))
}

/** What a line comes to after its price modifiers: as the till says, else extended amount plus modifiers. */
export function netOfLine(line: SaleLine): Decimal {
  if (line.netAmount !== undefined) return decimal(line.netAmount)
  return sum([decimal(line.extendedAmount), ...(line.priceModifiers ?? []).map((modifier) => decimal(modifier.amount))])
}

/** Declined and reversed tenders moved no money. */
export function tenderCounts(line: TenderLine): boolean {
  return line.state !== 'DECLINED' && line.state !== 'REVERSED'
}

/** Line taxes where the till gave any, else the receipt's tax summary; never both, they are the same money twice. */
function computeTax(
  lines: readonly Line[],
  sales: readonly SaleLine[],
  amounts: readonly AmountLine[],
): { taxIncluded: Decimal; taxAdded: Decimal } {
  const lineTaxes = [...sales, ...amounts]
    .flatMap((line) => line.taxes ?? [])
    .filter((tax) => tax.taxAmount !== undefined)
  const summary = lines.filter((line) => line.lineType === 'TAX')
  const taxes = lineTaxes.length > 0 ? lineTaxes : summary
  const totalOf = (included: boolean) =>
    sum(taxes.filter((tax) => tax.includedInPrice === included).map((tax) => decimal(tax.taxAmount ?? '0')))
  return { taxIncluded: totalOf(true), taxAdded: totalOf(false) }
}

/** Pieces of a line; something weighed or measured is one piece. */
function itemsOf(line: SaleLine): Decimal {
  const quantity = decimal(line.quantity)
  const one: Decimal = { unscaled: 1n, scale: 0 }
  if (roundTo(quantity, 0).unscaled * 10n ** BigInt(quantity.scale) === quantity.unscaled) return quantity
  return quantity.unscaled < 0n ? negate(one) : one
}

export function isSaleLine(line: Line): line is SaleLine {
  return line.lineType === 'SALE' || line.lineType === 'RETURN'
}

export function isTenderLine(line: Line): line is TenderLine {
  return line.lineType === 'TENDER'
}

const amountKinds = new Set<Line['lineType']>([
  'DISCOUNT',
  'ROUNDING',
  'GIFT_CARD',
  'DEPOSIT',
  'FEE',
  'DONATION',
  'TIP',
  'PAYMENT_ON_ACCOUNT',
  'COUPON',
])

export function isAmountLine(line: Line): line is AmountLine {
  return amountKinds.has(line.lineType)
}
