import type { DeliveryEvent } from '../../contract/connector.ts'
import { decimal, formatDecimal, sum } from '../../domain/decimal.ts'
import type { Line } from '../../domain/transaction/line.ts'
import { numberCell, textCell } from './csv.ts'

/** One column: its name in the header, and its cell for one line of the receipt (none for a receipt without lines). */
interface Column {
  name: string
  cell(event: DeliveryEvent, line: Line | undefined): string
}

const ofReceipt = (name: string, read: (event: DeliveryEvent) => string | undefined): Column => ({
  name,
  cell: (event) => textCell(read(event)),
})
const ofLine = (name: string, read: (line: Line) => string | undefined): Column => ({
  name,
  cell: (_, line) => textCell(line && read(line)),
})
const numberOfLine = (name: string, read: (line: Line) => string | number | undefined): Column => ({
  name,
  cell: (_, line) => numberCell(line && read(line)),
})

/** Of a line of the tax summary its own, of a sale the sum of its taxes. */
function taxAmountOf(line: Line): string | undefined {
  if ('taxAmount' in line) return line.taxAmount
  const taxes = 'taxes' in line ? (line.taxes ?? []) : []
  return taxes.length === 0 ? undefined : formatDecimal(sum(taxes.map((tax) => decimal(tax.taxAmount ?? '0'))))
}

/**
 * The columns of the CSV in their order; those of the receipt are repeated on each of its rows. New ones
 * are added at the end. Reports and cash movements have no lines, and one row; NDJSON has all there is of them.
 */
export const columns: readonly Column[] = [
  ofReceipt('eventId', (event) => event.eventId),
  ofReceipt('transactionKey', (event) => event.subject),
  ofReceipt('store', (event) => event.transaction.businessUnitId),
  ofReceipt('currency', (event) => event.transaction.currency),
  { name: 'grandTotal', cell: (event) => numberCell(event.transaction.totals?.grandTotal) },
  { name: 'taxTotal', cell: (event) => numberCell(event.transaction.totals?.taxTotal) },
  ofReceipt('businessDay', (event) => event.transaction.businessDayDate),
  ofReceipt('workstation', (event) => event.transaction.workstationId),
  { name: 'number', cell: (event) => numberCell(event.transaction.sequenceNumber) },
  ofReceipt('transactionType', (event) => event.transaction.transactionType),
  ofReceipt('status', (event) => event.transaction.status),
  ofReceipt('endDateTime', (event) => event.transaction.endDateTime),
  ofReceipt('recordedAt', (event) => event.recordedAt),
  numberOfLine('lineNumber', (line) => line.lineNumber),
  ofLine('lineType', (line) => line.lineType),
  ofLine('voided', (line) => (line.voided ? 'yes' : 'no')),
  ofLine('itemId', (line) => ('itemId' in line ? line.itemId : undefined)),
  ofLine('description', (line) => ('description' in line ? line.description : undefined)),
  numberOfLine('quantity', (line) => ('quantity' in line ? line.quantity : undefined)),
  numberOfLine('unitPrice', (line) => ('actualUnitPrice' in line ? line.actualUnitPrice : undefined)),
  numberOfLine('extendedAmount', (line) => ('extendedAmount' in line ? line.extendedAmount : undefined)),
  numberOfLine('netAmount', (line) => ('netAmount' in line ? line.netAmount : undefined)),
  numberOfLine('amount', (line) => ('amount' in line ? line.amount : undefined)),
  numberOfLine('taxAmount', taxAmountOf),
  numberOfLine('ratePercent', (line) => ('ratePercent' in line ? line.ratePercent : undefined)),
  ofLine('tenderType', (line) => ('tenderType' in line ? line.tenderType : undefined)),
]
