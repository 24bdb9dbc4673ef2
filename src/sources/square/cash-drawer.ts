import type { ReadContext, ReadResult } from '../../contract/source.ts'
import type { TransactionType } from '../../domain/transaction/codes.ts'
import type { TenderCount, TillSession } from '../../domain/transaction/session.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { deviceOf, headingOf, type Place, placeInStore, readFact } from './fact.ts'
import { child, defined, type Fields, neededText, text, Unreadable } from './fields.ts'
import { currencyOf, type Money, moneyIn, moneyOf } from './money.ts'

/**
 * A drawer from its float to its count. It is a fact once it is closed: until then money still moves (`OPEN`) or is not counted
 * yet (`ENDED`). Lists of shifts give summaries without the movements; a fact is made of the whole shift only, or it would be
 * another one depending on which came first.
 */
export function readCashDrawerShift(shift: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  const { state } = shift
  if (state === 'OPEN' || state === 'ENDED')
    return [{ kind: 'noted', what: `cash-drawer-shift-${state.toLowerCase()}`, count: 1, bytes }]
  if (state === 'CLOSED' && shift.cash_payment_money === undefined)
    return [{ kind: 'noted', what: 'cash-drawer-shift-summary', count: 1, bytes }]
  return [readFact(bytes, shift, context, () => makeSettlement(shift, placeOfDrawer(shift, context)))]
}

function placeOfDrawer(of: Fields, context: ReadContext): Place {
  return placeInStore(of, context, 'A cash drawer does not say in which location it is.')
}

function makeSettlement(shift: Fields, place: Place): Transaction {
  if (shift.state !== 'CLOSED')
    throw new Unreadable('unreadable-content', 'The cash drawer shift is in a state that nobody knows.')
  const money = moneyOf(shift, ['opened_cash_money', 'closed_cash_money', 'cash_payment_money'])
  const id = neededText(shift, 'id')
  const extensions: Record<string, unknown> = defined({ 'square:location_id': text(shift, 'location_id') })
  const people = ['opening_team_member_id', 'ending_team_member_id'].map((name) => text(shift, name))
  const associateIds = [...new Set(people.filter((one) => one !== undefined))]
  return {
    ...headingOf(place, {
      objectType: 'cash_drawer_shift',
      objectId: id,
      transactionType: 'TILL_SETTLE',
      status: 'COMPLETED',
      currency: money.currency,
      beginDateTime: place.time(shift, 'opened_at'),
      endDateTime: place.time(shift, 'closed_at'),
    }),
    ...deviceOf(text(child(shift, 'device'), 'id'), extensions),
    ...defined({ operatorId: text(shift, 'closing_team_member_id') }),
    ...(associateIds.length > 0 && { associateIds }),
    source: { system: 'Square', transactionId: id },
    lines: [],
    tillSession: readSession(shift, id, money, place),
    extensions,
  }
}

/** Refunds and money paid out are written below zero by Square; the fields of the model name the direction themselves. */
function readSession(shift: Fields, sessionId: string, money: Money, place: Place): TillSession {
  const amount = (name: string) => money.text(shift, name)
  const magnitude = (name: string) => {
    const minor = money.minor(shift, name)
    return minor === undefined ? undefined : money.decimal(minor < 0n ? -minor : minor)
  }
  const cash = (minor: bigint | undefined): TenderCount[] | undefined =>
    minor === undefined ? undefined : [{ tenderType: 'CASH', amount: money.decimal(minor) }]
  const [expected, counted] = [money.minor(shift, 'expected_cash_money'), money.minor(shift, 'closed_cash_money')]
  return defined({
    sessionId,
    openedAt: place.time(shift, 'opened_at'),
    closedAt: place.time(shift, 'closed_at'),
    openingFloat: amount('opened_cash_money'),
    cashSales: amount('cash_payment_money'),
    cashRefunds: magnitude('cash_refunds_money'),
    paidIn: magnitude('cash_paid_in_money'),
    paidOut: magnitude('cash_paid_out_money'),
    expected: cash(expected),
    declared: cash(counted),
    overShort: cash(expected === undefined || counted === undefined ? undefined : counted - expected),
  })
}

const eventTypes: Readonly<Record<string, TransactionType>> = {
  NO_SALE: 'NO_SALE',
  PAID_IN: 'PAID_IN',
  PAID_OUT: 'PAID_OUT',
}
const paymentEvent = /^(CASH|OTHER)_TENDER_(PAYMENT|CANCELL?ED_PAYMENT|REFUND)$/

/** What happened in a drawer and is no payment, which is a fact of its own. */
export function readCashDrawerEvent(event: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  const { event_type: type } = event
  if (typeof type === 'string' && paymentEvent.test(type))
    return [{ kind: 'noted', what: 'cash-drawer-payment', count: 1, bytes }]
  return [readFact(bytes, event, context, () => makeMovement(event, placeOfDrawer(event, context)))]
}

function makeMovement(event: Fields, place: Place): Transaction {
  const transactionType = eventTypes[text(event, 'event_type') ?? '']
  if (transactionType === undefined)
    throw new Unreadable('unreadable-content', 'The cash drawer event is of a kind that nobody knows.')
  const money = moneyIn(currencyOf(event, ['event_money']) ?? place.currency)
  const minor = money.minor(event, 'event_money') ?? 0n
  const magnitude = minor < 0n ? -minor : minor
  const id = neededText(event, 'id')
  return {
    ...headingOf(place, {
      objectType: 'cash_drawer_shift_event',
      objectId: id,
      transactionType,
      status: 'COMPLETED',
      currency: money.currency,
      endDateTime: place.time(event, 'created_at'),
    }),
    ...defined({ operatorId: text(event, 'team_member_id') }),
    source: { system: 'Square', transactionId: id },
    lines: [],
    ...(transactionType !== 'NO_SALE' && {
      cashMovement: { amount: money.decimal(transactionType === 'PAID_OUT' ? -magnitude : magnitude) },
    }),
    extensions: defined({ 'square:location_id': text(event, 'location_id') }),
  }
}
