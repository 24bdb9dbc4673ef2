import type { Booking } from '../../domain/booking/booking.ts'
import { toMinor, toMinorTogether } from '../../domain/booking/round-together.ts'
import { countingLines, isAmountLine, isSaleLine } from '../../domain/compute-totals.ts'
import { add, type Decimal, decimal, formatDecimal, zero } from '../../domain/decimal.ts'
import { allocate } from '../../domain/money.ts'
import type { LineTax, TaxLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'

export interface TaxGroup {
  name: string
  ratePercent?: string
  amount: bigint
  /** Line numbers that carry it; empty where the till gave a summary only. */
  lineNumbers: Set<number>
  /** As the till says in a summary. */
  base?: bigint
}

type KnownTax = Pick<LineTax, 'taxType' | 'ratePercent' | 'includedInPrice'> & {
  exact: Decimal
  lineNumber?: number
  base?: Decimal
}

/** The taxes of a receipt by kind and rate, rounded so that they make the receipt's own tax to the cent. */
export function groupTaxes(transaction: Transaction): TaxGroup[] {
  const groups = new Map<string, { taxes: KnownTax[]; exact: Decimal }>()
  for (const tax of taxesOf(transaction)) {
    const name = nameOf(tax)
    const group = groups.get(name) ?? { taxes: [], exact: zero }
    groups.set(name, { taxes: [...group.taxes, tax], exact: add(group.exact, tax.exact) })
  }
  const amounts = toMinorTogether(
    [...groups.values()].map((group) => group.exact),
    transaction.currency,
  )
  return [...groups].map(([name, { taxes }], index) => {
    const bases = taxes.flatMap((tax) => (tax.base === undefined || tax.lineNumber !== undefined ? [] : [tax.base]))
    const ratePercent = taxes[0]?.ratePercent
    return {
      name,
      ...(ratePercent !== undefined && { ratePercent }),
      amount: amounts[index] ?? 0n,
      lineNumbers: new Set(taxes.flatMap((tax) => (tax.lineNumber === undefined ? [] : [tax.lineNumber]))),
      ...(bases.length > 0 && { base: toMinor(bases.reduce(add, zero), transaction.currency) }),
    }
  })
}

/** How much tax each booked line has in its price, so that a price without tax can be told to Tryton. */
export function includedTaxes(transaction: Transaction, booking: Booking): Map<number, bigint> {
  const included = taxesOf(transaction).filter((tax) => tax.includedInPrice)
  const ofLines = included.filter((tax) => tax.lineNumber !== undefined)
  if (ofLines.length > 0) {
    const shares = toMinorTogether(
      ofLines.map((tax) => tax.exact),
      transaction.currency,
    )
    const byLine = new Map<number, bigint>()
    ofLines.forEach(({ lineNumber = 0 }, index) => {
      byLine.set(lineNumber, (byLine.get(lineNumber) ?? 0n) + (shares[index] ?? 0n))
    })
    return byLine
  }
  // The till said only what is in the receipt as a whole: every line has its share.
  const total = toMinor(included.map((tax) => tax.exact).reduce(add, zero), transaction.currency)
  if (booking.lines.length === 0) return new Map()
  const weights = booking.lines.map(({ net }) => (net < 0n ? -net : net))
  const shares = allocate(total, weights)
  return new Map(booking.lines.map(({ lineNumber }, index) => [lineNumber, shares[index] ?? 0n]))
}

/** Taxes of lines where the till gave any, else its summary: never both, they are the same money twice. */
function taxesOf(transaction: Transaction): KnownTax[] {
  const lines = countingLines(transaction)
  const ofLines = lines.flatMap((line) =>
    (isSaleLine(line) || isAmountLine(line) ? (line.taxes ?? []) : []).flatMap((tax) =>
      tax.taxAmount === undefined ? [] : [knownTax(tax, tax.taxAmount, line.lineNumber)],
    ),
  )
  if (ofLines.length > 0) return ofLines
  return lines.flatMap((line) => (line.lineType === 'TAX' ? [knownTax(line, line.taxAmount)] : []))
}

function knownTax(tax: LineTax | TaxLine, taxAmount: string, lineNumber?: number): KnownTax {
  const { taxType, ratePercent, includedInPrice, taxableAmount } = tax
  return {
    taxType,
    includedInPrice,
    exact: decimal(taxAmount),
    ...(ratePercent !== undefined && { ratePercent: formatDecimal(decimal(ratePercent)) }),
    ...(lineNumber !== undefined && { lineNumber }),
    ...(taxableAmount !== undefined && { base: decimal(taxableAmount) }),
  }
}

function nameOf({ taxType, ratePercent }: KnownTax): string {
  return ratePercent === undefined ? `TILL-${taxType}` : `TILL-${taxType}-${ratePercent}`
}
