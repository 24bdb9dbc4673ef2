import type { DeliveryEvent } from '../../contract/connector.ts'
import {
  computeExactTotals,
  countingLines,
  isAmountLine,
  isSaleLine,
  isTenderLine,
  netOfLine,
  tenderCounts,
} from '../../domain/compute-totals.ts'
import { type Decimal, decimal } from '../../domain/decimal.ts'
import { linkKey } from '../../domain/identity.ts'
import type { TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { headOf } from './document-head.ts'
import { toMethod } from './payment-method.ts'
import { toCents, toCentsTogether } from './round-to-cents.ts'
import type { TheirDocument } from './their-document.ts'

/**
 * One document with lines, charges, taxes and payments. Its total is the till's own where the till gave one. Where the
 * receipt's lines say something else, the document does not balance, the ERP refuses it, and a person decides.
 */
export function toSale(event: DeliveryEvent): TheirDocument {
  const { transaction } = event
  const { currency } = transaction
  const exact = computeExactTotals(transaction)
  const lines = countingLines(transaction)
  const sales = lines.filter(isSaleLine)
  const charges = chargesOf(transaction, exact.tip)
  const taxes = taxesOf(transaction)
  const added = taxes.filter((tax) => !tax.included)
  // One run of rounding over everything that makes the total, so that the cents add up.
  const due = toCentsTogether(
    [...sales.map(netOfLine), ...charges.map((charge) => charge.amount), ...added.map((tax) => tax.amount)],
    currency,
  )
  const netCents = due.splice(0, sales.length)
  const chargeCents = due.splice(0, charges.length)
  const tenders = lines.filter(isTenderLine).filter(tenderCounts)
  const original = originalOf(event)
  const rounded = toCents(exact.grandTotal, currency)
  const tillTotal = transaction.totals?.grandTotal
  const total = tillTotal === undefined ? rounded : toCents(decimal(tillTotal), currency)
  return {
    ...headOf(event),
    kind: kindOf(transaction),
    total,
    tax: toCents(exact.taxTotal, currency),
    ...(original !== undefined && { original }),
    lines: sales.map((line, index) => ({
      position: line.lineNumber,
      article: line.itemId,
      ...(line.description !== undefined && { text: line.description }),
      quantity: line.quantity,
      net: netCents[index] ?? 0,
    })),
    charges: [
      ...charges.map(({ kind }, index) => ({ kind, amount: chargeCents[index] ?? 0 })),
      ...roundingOf(total - rounded),
    ],
    taxes: [
      ...taxes
        .filter((tax) => tax.included)
        .map(({ amount, ...rest }) => ({ ...rest, amount: toCents(amount, currency) })),
      ...added.map(({ amount: _, ...rest }, index) => ({ ...rest, amount: due[index] ?? 0 })),
    ],
    payments: paymentsOf(tenders, currency),
  }
}

function kindOf({ transactionType }: Transaction): TheirDocument['kind'] {
  if (transactionType === 'POST_VOID') return 'void'
  return transactionType === 'RETURN' || transactionType === 'ORDER_REFUND' ? 'return' : 'sale'
}

/** A till may round a half cent the other way than we do; a whole unit more is no rounding and stays a difference. */
function roundingOf(differenceCents: number): { kind: string; amount: number }[] {
  return Math.abs(differenceCents) === 1 ? [{ kind: 'rounding', amount: differenceCents }] : []
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
  rate?: string
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
    ...(ratePercent !== undefined && { rate: ratePercent }),
    amount: decimal(taxAmount),
    included: includedInPrice,
  }))
}

function paymentsOf(tenders: readonly TenderLine[], currency: string): TheirDocument['payments'] {
  const cents = toCentsTogether(
    tenders.map((line) => decimal(line.amount)),
    currency,
  )
  return tenders.map((line, index) => ({ method: toMethod(line.tenderType), amount: cents[index] ?? 0 }))
}

const originalLinks = new Set(['RETURN_OF', 'EXCHANGE_OF', 'POST_VOID_OF'])

/** The reference of the document that this one goes back to: the link of the receipt, else of its first linked line. */
function originalOf({ transaction, subject }: DeliveryEvent): string | undefined {
  // Keys carry the day only where numbers restart daily, and then our own key does too.
  const numbering = { numbersRestartDaily: subject.startsWith('till:') && subject.includes('@') }
  for (const link of transaction.links ?? []) {
    const key = originalLinks.has(link.linkType) ? linkKey(link, transaction, numbering) : undefined
    if (key !== undefined) return key
  }
  for (const line of countingLines(transaction).filter(isSaleLine)) {
    if (line.originalLink?.transactionKey !== undefined) return line.originalLink.transactionKey
  }
  return undefined
}
