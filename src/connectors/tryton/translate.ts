import type { DeliveryEvent } from '../../contract/connector.ts'
import { bookTransaction } from '../../domain/booking/book-transaction.ts'
import type { BookedLine, Booking } from '../../domain/booking/booking.ts'
import { countingLines, isAmountLine, isSaleLine } from '../../domain/compute-totals.ts'
import { decimal, formatDecimal } from '../../domain/decimal.ts'
import { fromMinorUnits } from '../../domain/money.ts'
import type { Line, SaleLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { accountOfCharge, accountOfItem, accountOfTender, codePrefix, productOfCharge } from './codes.ts'
import { priceLine } from './price-line.ts'
import type { TheirLine, TheirReceipt } from './their-receipt.ts'
import { groupTaxes, includedTaxes, type TaxGroup } from './translate-taxes.ts'

/** Decimals that Tryton keeps of a unit price unless its configuration says otherwise (`price_decimal`). */
export const priceDecimalsDefault = 4

export type Translation =
  | { receipt: TheirReceipt }
  /** Nothing for Tryton to book. */
  | { skipped: string }
  /** The receipt's figures contradict each other: booked anyway, Tryton would say something else than the till. */
  | { refused: string }

/** What Tryton is to book of a transaction. Pure, and the same in every attempt. */
export function toTheirReceipt(event: DeliveryEvent, priceDecimals = priceDecimalsDefault): Translation {
  const { transaction } = event
  const booking = bookTransaction(transaction, event.subject)
  if (!booking) return { skipped: 'nothing to book' }
  if (booking.kind === 'cash-movement' || booking.kind === 'till-close') {
    return { skipped: 'cash management and closing reports are not booked in Tryton' }
  }
  const { currency, total } = booking
  const taxes = groupTaxes(transaction)
  const parts = splitBooking(transaction, booking)
  const rest =
    total -
    sum([
      ...parts.invoiced.map((part) => part.net),
      ...parts.owed.map((part) => part.amount),
      ...taxes.map((tax) => tax.amount),
    ])
  // A cent may be left where the taxes were rounded together; more is a receipt that contradicts itself.
  if (rest > 1n || rest < -1n) return { refused: 'the lines of the receipt do not make its total' }
  if (sum(booking.payments.map((payment) => payment.amount)) !== total) {
    return { refused: 'the payments of the receipt do not make its total' }
  }
  // Every line was voided: the till printed a receipt of nothing.
  if (parts.invoiced.length === 0 && parts.owed.length === 0 && booking.payments.length === 0) {
    return { skipped: 'nothing was sold and nothing was paid' }
  }
  const lines = parts.invoiced.map((part) => toLine(part, transaction, priceDecimals))
  const difference = rest + sum(parts.invoiced.map((part, index) => part.net - (lines[index]?.amountMinor ?? 0n)))
  const text = (minor: bigint) => fromMinorUnits(minor, currency)
  return {
    receipt: {
      reference: booking.reference,
      ...(booking.original !== undefined && { original: booking.original }),
      store: booking.businessUnitId,
      businessDay: booking.businessDayDate,
      currency,
      party: transaction.customerId ?? `${codePrefix}${booking.businessUnitId}`,
      total: text(total),
      tax: text(sum(taxes.map((tax) => tax.amount))),
      lines: [...lines.map(({ amountMinor: _, ...line }) => line), ...differenceLine(difference, currency)],
      taxes: taxes.map(({ name, ratePercent, amount, ...group }) => ({
        name,
        ...(ratePercent !== undefined && { ratePercent }),
        base: text(group.base ?? baseOf({ name, amount, ...group }, parts.invoiced)),
        amount: text(amount),
      })),
      entries: parts.owed
        .filter(({ amount }) => amount !== 0n)
        .map(({ account, amount }) => ({ account, amount: text(amount) })),
      payments: paymentsOf(booking).map(({ amount, ...payment }) => ({ ...payment, amount: text(amount) })),
    },
  }
}

interface InvoicedPart {
  lineNumber: number
  /** Without tax. */
  net: bigint
  booked?: BookedLine
  charge?: string
}

/** What is revenue is invoiced; what is owed to somebody and carries no tax is booked to its account. */
function splitBooking(
  transaction: Transaction,
  booking: Booking,
): { invoiced: InvoicedPart[]; owed: { account: string; amount: bigint }[] } {
  const included = includedTaxes(transaction, booking)
  const sales = new Map(
    countingLines(transaction)
      .filter(isSaleLine)
      .map((line) => [line.lineNumber, line]),
  )
  const invoiced: InvoicedPart[] = []
  const owed: { account: string; amount: bigint }[] = []
  for (const booked of booking.lines) {
    const line = sales.get(booked.lineNumber)
    const account = line && !hasTax(line.taxes) ? accountOfItem(line.itemType) : undefined
    if (account !== undefined) owed.push({ account, amount: booked.net - (included.get(booked.lineNumber) ?? 0n) })
    else
      invoiced.push({
        lineNumber: booked.lineNumber,
        net: booked.net - (included.get(booked.lineNumber) ?? 0n),
        booked,
      })
  }
  const chargeLines = countingLines(transaction).filter(isChargeLine)
  for (const [index, { kind, amount }] of booking.charges.entries()) {
    const line = chargeLines[index]
    const isTaxed = line !== undefined && 'taxes' in line && hasTax(line.taxes)
    const account = isTaxed ? undefined : accountOfCharge(kind)
    const lineNumber = line?.lineNumber ?? 0
    if (account !== undefined) owed.push({ account, amount })
    else invoiced.push({ lineNumber, net: amount - (isTaxed ? (included.get(lineNumber) ?? 0n) : 0n), charge: kind })
  }
  return { invoiced, owed }
}

function toLine(
  part: InvoicedPart,
  transaction: Transaction,
  priceDecimals: number,
): TheirLine & { amountMinor: bigint } {
  const { currency } = transaction
  const { booked, charge, net } = part
  const line = transaction.lines.find(
    (one): one is SaleLine => isSaleLine(one) && one.lineNumber === booked?.lineNumber,
  )
  const quantity = decimal(booked?.quantity ?? '1')
  if (!booked || !line || quantity.unscaled === 0n) {
    const product = charge === undefined ? differenceProduct : productOfCharge(charge)
    const amount = fromMinorUnits(net, currency)
    return { ...serviceLine(product, amount), amountMinor: net }
  }
  const { unitPrice, amount } = priceLine(net, quantity, currency, priceDecimals)
  const stockPlace = stockPlaceOf(line, transaction)
  return {
    product: line.itemId,
    productType: line.itemType === 'STOCK' ? 'goods' : 'service',
    description: line.description ?? line.itemId,
    unit: line.unitOfMeasure ?? 'EA',
    quantity: formatDecimal(quantity),
    unitPrice: formatDecimal(unitPrice),
    amount: fromMinorUnits(amount, currency),
    ...(stockPlace !== undefined && { stockPlace }),
    amountMinor: amount,
  }
}

function serviceLine(product: string, amount: string): TheirLine {
  return { product, productType: 'service', description: product, unit: 'EA', quantity: '1', unitPrice: amount, amount }
}

const differenceProduct = `${codePrefix}DIFFERENCE`

/** What unit prices with few decimals, or taxes that were rounded together, leave over. */
function differenceLine(difference: bigint, currency: string): TheirLine[] {
  return difference === 0n ? [] : [serviceLine(differenceProduct, fromMinorUnits(difference, currency))]
}

/** Goods go where the till says; what came back damaged is no stock that can be sold. */
function stockPlaceOf(line: SaleLine, { businessUnitId }: Transaction): TheirLine['stockPlace'] {
  const { inventoryImpact, fulfillment } = line
  if (line.itemType !== 'STOCK' || inventoryImpact?.bucket === 'NONE') return undefined
  const store = inventoryImpact?.locationId ?? fulfillment?.locationId ?? businessUnitId
  return { store, bucket: (inventoryImpact?.bucket ?? 'SELLABLE') === 'SELLABLE' ? 'SELLABLE' : 'LOST' }
}

/** One line of the move for each means of payment. */
function paymentsOf({ payments }: Booking): { account: string; amount: bigint; description: string }[] {
  const byType = new Map<Booking['payments'][number]['tenderType'], bigint>()
  for (const { tenderType, amount } of payments) byType.set(tenderType, (byType.get(tenderType) ?? 0n) + amount)
  return [...byType]
    .filter(([, amount]) => amount !== 0n)
    .map(([tenderType, amount]) => ({ account: accountOfTender(tenderType), amount, description: tenderType }))
}

function baseOf({ lineNumbers }: TaxGroup, invoiced: readonly InvoicedPart[]): bigint {
  const own = lineNumbers.size > 0 ? invoiced.filter((part) => lineNumbers.has(part.lineNumber)) : invoiced
  return sum(own.map((part) => part.net))
}

const hasTax = (taxes: SaleLine['taxes']) =>
  (taxes ?? []).some((tax) => tax.taxAmount !== undefined && decimal(tax.taxAmount).unscaled !== 0n)

/** The lines that became charges, in the same order; a tip, and a cent of rounding, come after them. */
const isChargeLine = (line: Line) =>
  (isAmountLine(line) && line.lineType !== 'TIP') || (line.lineType === 'LOYALTY' && line.amount !== undefined)

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
