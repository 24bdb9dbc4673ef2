import type { TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { formatMoney, moneyAt } from './amounts.ts'
import { makeFact, orderLink } from './fact.ts'
import { idAt, type Json, neededIdAt, shortTextAt, textAt } from './json.ts'
import { noteUnknown, type Reading } from './reading.ts'
import { numberLines } from './settle.ts'
import { tenderTypeOf } from './tender-types.ts'
import { Unreadable } from './unreadable.ts'

/**
 * A tender transaction: Shopify's second view of money that a transaction of the order has moved. It is kept to compare, and never
 * booked (`UNKNOWN` reaches no books): it names neither that transaction nor a location, so booking both would double the money.
 */
export function readTenderTransaction(reading: Reading, json: Json): Transaction {
  const amount = moneyAt(json, 'amount')
  if (!amount) throw new Unreadable('schema-violation', 'A tender transaction has no amount.')
  const currency = textAt(json, 'currency') ?? reading.store(reading.account.storeOf(undefined) ?? '').currency
  const method = shortTextAt(json, 'payment_method')
  const type = method === undefined ? undefined : tenderTypeOf(method)
  const reference = shortTextAt(json, 'remote_reference')
  const line: Omit<TenderLine, 'lineNumber'> = {
    lineType: 'TENDER',
    tenderType: type ?? 'OTHER',
    ...(method !== undefined && { tenderId: method }),
    amount: formatMoney(amount, currency),
    ...(reference !== undefined && { pspReference: reference }),
  }
  if (method !== undefined && type === undefined) noteUnknown(reading, 'payment_method', method)
  return makeFact(reading, {
    objectType: 'tender_transaction',
    objectId: neededIdAt(json, 'id'),
    transactionType: 'UNKNOWN',
    location: undefined,
    operator: idAt(json, 'user_id'),
    happenedAt: textAt(json, 'processed_at'),
    currency,
    isTest: json.test === true,
    lines: numberLines([line]),
    links: orderLink(reading, 'ORDER_OF', idAt(json, 'order_id')),
    ...(method !== undefined && type === undefined && { extensions: { 'shopify:payment_method': method } }),
  })
}
