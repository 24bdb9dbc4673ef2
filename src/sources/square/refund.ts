import type { ReadContext, ReadResult } from '../../contract/source.ts'
import type { TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { headingOf, linkTo, type Place, placeOf, readFact } from './fact.ts'
import { child, defined, type Fields, neededText, text, Unreadable } from './fields.ts'
import { type Money, moneyOf } from './money.ts'
import { readFees, settlementLine } from './money-fact.ts'
import { readMeans } from './tender.ts'
import type { UnknownWords } from './words.ts'

/** A refund at its end: money goes out by its means, and what the return left open is closed. Pending ones may still fail. */
export function readRefund(refund: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  if (refund.status === 'PENDING') return [{ kind: 'noted', what: 'refund-pending', count: 1, bytes }]
  return [readFact(bytes, refund, context, (unknown) => makeRefund(refund, placeOf(refund, context), unknown))]
}

const states: Readonly<Record<string, NonNullable<TenderLine['state']>>> = {
  COMPLETED: 'CAPTURED',
  REJECTED: 'DECLINED',
  FAILED: 'DECLINED',
}

function makeRefund(refund: Fields, place: Place, unknown: UnknownWords): Transaction {
  const status = text(refund, 'status') ?? ''
  const state = states[status]
  if (state === undefined) throw new Unreadable('unreadable-content', 'The refund is in a state that nobody knows.')
  const money = moneyOf(refund, ['amount_money'])
  const amount = money.minor(refund, 'amount_money')
  if (amount === undefined) throw new Unreadable('schema-violation', 'amount_money is missing.')
  const id = neededText(refund, 'id')
  const paymentId = text(refund, 'payment_id')
  const orderId = text(refund, 'order_id')
  const extensions: Record<string, unknown> = defined({
    'square:order_id': orderId,
    'square:payment_id': paymentId,
    'square:location_id': text(refund, 'location_id'),
    'square:status': state === 'DECLINED' ? status : undefined,
    'square:app_fee_money': money.text(refund, 'app_fee_money'),
    'square:processing_fee': readFees(refund, money, unknown),
  })
  const tender = readTender(refund, amount, money, extensions, unknown)
  return {
    ...headingOf(place, {
      objectType: 'refund',
      objectId: id,
      transactionType: 'PAYMENT_ON_ACCOUNT',
      status: state === 'CAPTURED' ? 'COMPLETED' : 'CANCELLED',
      currency: money.currency,
      endDateTime: place.time(refund, 'created_at'),
    }),
    ...defined({ operatorId: text(refund, 'team_member_id') }),
    source: { system: 'Square', transactionId: id },
    ...(state === 'CAPTURED'
      ? {
          lines: [settlementLine(-amount, orderId, money), { lineNumber: 2, ...tender, state }],
          totals: { grandTotal: money.decimal(-amount) },
        }
      : { lines: [{ lineNumber: 1, ...tender, state }] }),
    ...(paymentId !== undefined && {
      links: [{ linkType: 'RETURN_OF', transactionKey: linkTo(place, 'payment', paymentId) }],
    }),
    extensions,
  }
}

/** Before `destination_type` there was, a refund did not say by which means the money went. */
function readTender(
  refund: Fields,
  amount: bigint,
  money: Money,
  extensions: Record<string, unknown>,
  unknown: UnknownWords,
): Omit<TenderLine, 'lineNumber'> {
  const details = child(refund, 'destination_details')
  const cash = child(details, 'cash_details')
  const negative = (name: string) => {
    const minor = money.minor(cash, name)
    return minor === undefined ? undefined : money.decimal(-minor)
  }
  return {
    lineType: 'TENDER',
    ...readMeans({ word: text(refund, 'destination_type'), details }, extensions, unknown),
    amount: money.decimal(-amount),
    ...defined({
      tenderedAmount: negative('seller_supplied_money'),
      changeAmount: negative('change_back_money'),
      pspReference: text(refund, 'id'),
    }),
  }
}
