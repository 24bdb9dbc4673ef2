import type { ReadContext, ReadResult } from '../../contract/source.ts'
import type { TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { deviceOf, headingOf, linkTo, type Place, placeOf, readFact } from './fact.ts'
import { child, defined, type Fields, neededText, text, Unreadable } from './fields.ts'
import { type Money, moneyOf } from './money.ts'
import { readFees, settlementLine } from './money-fact.ts'
import { readMeans } from './tender.ts'
import { channels, translate, type UnknownWords } from './words.ts'

/**
 * A payment at its end: it settles the balance of its order by the means that it was paid by. One that was cancelled or
 * failed moved nothing and is told as such; one that is only authorised may still become either.
 */
export function readPayment(payment: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  const { status } = payment
  if (status === 'APPROVED' || status === 'PENDING')
    return [{ kind: 'noted', what: `payment-${status.toLowerCase()}`, count: 1, bytes }]
  return [readFact(bytes, payment, context, (unknown) => makePayment(payment, placeOf(payment, context), unknown))]
}

const states: Readonly<Record<string, NonNullable<TenderLine['state']>>> = {
  COMPLETED: 'CAPTURED',
  CANCELED: 'REVERSED',
  FAILED: 'DECLINED',
}

function makePayment(payment: Fields, place: Place, unknown: UnknownWords): Transaction {
  const state = states[text(payment, 'status') ?? '']
  if (state === undefined) throw new Unreadable('unreadable-content', 'The payment is in a state that nobody knows.')
  const money = moneyOf(payment, ['total_money', 'amount_money'])
  const total = money.minor(payment, 'total_money') ?? money.minor(payment, 'amount_money')
  if (total === undefined) throw new Unreadable('schema-violation', 'total_money is missing.')
  const orderId = text(payment, 'order_id')
  const extensions = paymentExtensions(payment, money, unknown)
  const device = child(payment, 'device_details') ?? child(child(payment, 'card_details'), 'device_details')
  const channel = translate(channels, {
    field: 'square_product',
    word: text(child(payment, 'application_details'), 'square_product'),
    extensions,
    unknown,
  })
  const tender = readTender(payment, total, money, place, extensions, unknown)
  return {
    ...headingOf(place, {
      objectType: 'payment',
      objectId: neededText(payment, 'id'),
      transactionType: 'PAYMENT_ON_ACCOUNT',
      status: state === 'CAPTURED' ? 'COMPLETED' : 'CANCELLED',
      currency: money.currency,
      endDateTime: place.time(payment, 'created_at'),
    }),
    ...deviceOf(text(device, 'device_id'), extensions),
    ...defined({
      channel,
      operatorId: text(payment, 'team_member_id') ?? text(payment, 'employee_id'),
      receiptNumber: text(payment, 'receipt_number'),
      customerId: text(payment, 'customer_id'),
    }),
    source: { system: 'Square', transactionId: neededText(payment, 'id') },
    ...(state === 'CAPTURED'
      ? {
          lines: [settlementLine(total, orderId, money), { lineNumber: 2, ...tender, state }],
          totals: { grandTotal: money.decimal(total) },
        }
      : { lines: [{ lineNumber: 1, ...tender, state }] }),
    ...(orderId !== undefined && {
      links: [{ linkType: 'ORDER_OF', transactionKey: linkTo(place, 'order', orderId) }],
    }),
    extensions,
  }
}

function readTender(
  payment: Fields,
  total: bigint,
  money: Money,
  place: Place,
  extensions: Record<string, unknown>,
  unknown: UnknownWords,
): Omit<TenderLine, 'lineNumber'> {
  const cash = child(payment, 'cash_details')
  const timeline = child(child(payment, 'card_details'), 'card_payment_timeline')
  return {
    lineType: 'TENDER',
    ...readMeans({ word: text(payment, 'source_type'), details: payment }, extensions, unknown),
    amount: money.decimal(total),
    ...defined({
      tenderedAmount: money.text(cash, 'buyer_supplied_money'),
      changeAmount: money.text(cash, 'change_back_money'),
      pspReference: text(payment, 'id'),
      authorizedAt: timeline && place.time(timeline, 'authorized_at'),
    }),
  }
}

/**
 * The tip is part of the order's lines already; here it says how much of this payment was one. Fees come later and change, so
 * they say what was known when the payment was first read.
 */
function paymentExtensions(payment: Fields, money: Money, unknown: UnknownWords): Record<string, unknown> {
  return defined({
    'square:order_id': text(payment, 'order_id'),
    'square:location_id': text(payment, 'location_id'),
    'square:tip_money': money.text(payment, 'tip_money'),
    'square:app_fee_money': money.text(payment, 'app_fee_money'),
    'square:processing_fee': readFees(payment, money, unknown),
  })
}
