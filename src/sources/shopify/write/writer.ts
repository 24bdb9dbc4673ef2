import type { ReadContext, SourceWriter } from '../../../contract/source.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { canWrite } from './can-write.ts'
import { writeOrder } from './order.ts'
import { writePaymentFact, writeTenders, writeTenderTransaction } from './payment.ts'
import { idsOf, locationOf } from './place.ts'
import { writeRefund } from './refund.ts'
import { asSoldByShopify } from './till-receipt.ts'
import { extensionText } from './vendor-json.ts'

/**
 * NDJSON of bare orders, refunds and transactions, as webhooks have them: it is the only form in which one fact does not need
 * another around it. A till's receipt becomes an order with its payments, a return or a void a refund with them, an exchange an order that
 * holds a refund; their ids are invented from the till number, always the same ones.
 */
export const writer: SourceWriter = {
  fileExtension: '.ndjson',
  mediaType: 'application/x-ndjson',
  canWrite,
  writeDocument: (transactions, context) =>
    [...objectsOf(transactions, context)].map((object) => `${JSON.stringify(object)}\n`).join(''),
}

function* objectsOf(transactions: readonly Transaction[], context: ReadContext): Generator<object> {
  for (let at = 0; at < transactions.length; at += 1) {
    const transaction = transactions[at]
    if (!transaction) continue
    if (!canWrite(transaction)) throw new RangeError('Shopify has no words for this transaction')
    if (!transaction.vendorFact) yield* writeReceipt(transaction, context)
    else if (transaction.vendorFact.objectType === 'refund') {
      const carried = paymentsOf(transaction, transactions.slice(at + 1))
      yield writeRefund(
        transaction,
        context,
        carried.map((one) => writePaymentFact(one, context)),
      )
      at += carried.length
    } else yield writeFact(transaction, context)
  }
}

function writeFact(transaction: Transaction, context: ReadContext): object {
  const objectType = transaction.vendorFact?.objectType
  if (objectType === 'order') return writeOrder(transaction, context)
  return objectType === 'tender_transaction'
    ? writeTenderTransaction(transaction, context)
    : writePaymentFact(transaction, context)
}

function writeReceipt(given: Transaction, context: ReadContext): object[] {
  const transaction = asSoldByShopify(given)
  const isVoid = given.transactionType === 'POST_VOID'
  const ids = idsOf(transaction, context)
  const counting = transaction.lines.filter((line) => !line.voided)
  const returns = counting.some((line) => line.lineType === 'RETURN')
  const sells = counting.some((line) => line.lineType === 'SALE')
  if (returns && !sells)
    return [writeRefund(transaction, context, writeTenders(transaction, ids.order, context), isVoid)]
  const order = writeOrder(transaction, context, returns ? [writeRefund(transaction, context, [])] : [])
  return [order, ...writeTenders(transaction, ids.own, context)]
}

/**
 * The payments that a refund was told with, where it needs them: till, location and test stand in them only. They are the refunds
 * of its order that follow it.
 */
function paymentsOf(refund: Transaction, following: readonly Transaction[]): Transaction[] {
  if (!needsPayments(refund)) return []
  const [order] = refund.links ?? []
  const end = following.findIndex(
    ({ vendorFact, links, extensions }) =>
      !/transaction$/.test(vendorFact?.objectType ?? '') ||
      vendorFact?.objectType === 'tender_transaction' ||
      extensions?.['shopify:kind'] !== 'refund' ||
      links?.[0]?.transactionKey !== order?.transactionKey,
  )
  const payments = following.slice(0, end === -1 ? following.length : end)
  if (payments.length === 0) throw new RangeError('a refund of a till cannot be written without its payments')
  return payments
}

function needsPayments(refund: Transaction): boolean {
  if (refund.workstationId !== undefined || refund.trainingMode) return true
  const restocked = refund.lines.find(
    (line) => extensionText(line, 'restock_type') === 'return' && extensionText(line, 'location_id'),
  )
  return (restocked && extensionText(restocked, 'location_id')) !== locationOf(refund)
}
