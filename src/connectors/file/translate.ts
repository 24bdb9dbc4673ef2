import type { DeliveryEvent, StoreDayRecord, TargetDocument } from '../../contract/connector.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { columns } from './columns.ts'
import { harmless, readRecords } from './csv.ts'

export type FileFormat = 'ndjson' | 'csv'

/** The content of an event's file, the same bytes for the same event. */
export function toFileText(event: DeliveryEvent, format: FileFormat): string {
  if (format === 'ndjson') {
    const { eventId, type, subject, orderingKey, recordedAt, transaction } = event
    return `${JSON.stringify({ eventId, type, subject, orderingKey, recordedAt, transaction })}\n`
  }
  const { lines } = event.transaction
  const rows = (lines.length > 0 ? lines : [undefined]).map((line) => columns.map((column) => column.cell(event, line)))
  return [columns.map((column) => column.name), ...rows].map((cells) => `${cells.join(',')}\r\n`).join('')
}

/** A file as a posting; its amounts are the till's own totals. */
export function toTargetDocument(documentId: string, transaction: Amounts): TargetDocument {
  const { totals, currency } = transaction
  return {
    documentId,
    kind: 'file',
    ...(totals?.grandTotal !== undefined && { amount: totals.grandTotal }),
    ...(totals?.taxTotal !== undefined && { tax: totals.taxTotal }),
    currency,
  }
}

type Amounts = Pick<Transaction, 'totals' | 'currency'>

/** What a file says it is, if it is of this store; undefined for other stores. Throws when it is not a file of this connector. */
export function readFileText(
  text: string,
  format: FileFormat,
  documentId: string,
  businessUnitId: string,
): StoreDayRecord | undefined {
  if (format === 'ndjson') {
    const { subject, transaction } = JSON.parse(text) as DeliveryEvent
    if (transaction.businessUnitId !== businessUnitId) return undefined
    return { reference: subject, documents: [toTargetDocument(documentId, transaction)] }
  }
  const [header, row] = [...readRecords(text)]
  const cell = (name: string) => row?.[header?.indexOf(name) ?? -1] ?? ''
  if (cell('transactionKey') === '') throw new Error('not a file of this connector')
  if (cell('store') !== harmless(businessUnitId)) return undefined
  const totals = {
    ...(cell('grandTotal') !== '' && { grandTotal: cell('grandTotal') }),
    ...(cell('taxTotal') !== '' && { taxTotal: cell('taxTotal') }),
  }
  return {
    reference: cell('transactionKey'),
    documents: [toTargetDocument(documentId, { totals, currency: cell('currency') })],
  }
}
