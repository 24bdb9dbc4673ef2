import { add, decimal, formatDecimal } from '../../domain/decimal.ts'
import type { TenderCount } from '../../domain/transaction/session.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { defined } from './fields.ts'
import { toMoney } from './write-lines.ts'

/** A closed drawer. Square has no word for loans and pickups: they are money that was paid in and out. */
export function writeShift(fact: Transaction, id: string): object {
  const { currency, extensions = {}, tillSession = {}, associateIds = [] } = fact
  const money = (text: string | undefined, sign: 1n | -1n = 1n) =>
    text === undefined ? undefined : toMoney(text, currency, sign)
  const { openingFloat, cashSales, cashRefunds, paidIn, paidOut, loans, pickups, expected, declared } = tillSession
  const deviceId = fact.workstationId ?? extensions['square:device_id']
  return defined({
    id,
    state: 'CLOSED',
    location_id: extensions['square:location_id'],
    opened_at: tillSession.openedAt ?? fact.beginDateTime,
    ended_at: tillSession.closedAt ?? fact.endDateTime,
    closed_at: tillSession.closedAt ?? fact.endDateTime,
    opening_team_member_id: associateIds[0],
    ending_team_member_id: associateIds[1],
    closing_team_member_id: fact.operatorId,
    opened_cash_money: money(openingFloat),
    cash_payment_money: money(cashSales),
    cash_refunds_money: money(cashRefunds, -1n),
    cash_paid_in_money: money(together(paidIn, loans)),
    cash_paid_out_money: money(together(paidOut, pickups), -1n),
    expected_cash_money: money(cashIn(expected, currency)),
    closed_cash_money: money(cashIn(declared, currency)),
    device: deviceId === undefined ? undefined : { id: deviceId },
  })
}

/** The drawer opened without a sale, or money was put in or taken out. */
export function writeEvent(fact: Transaction, id: string): object {
  const amount = (fact.cashMovement?.amount ?? '0').replace(/^-/, '')
  return defined({
    id,
    event_type: fact.transactionType,
    event_money: toMoney(amount, fact.currency),
    created_at: fact.endDateTime,
    team_member_id: fact.operatorId,
    location_id: fact.extensions?.['square:location_id'],
  })
}

function together(left: string | undefined, right: string | undefined): string | undefined {
  if (right === undefined) return left
  return formatDecimal(add(decimal(left ?? '0'), decimal(right)))
}

function cashIn(counts: readonly TenderCount[] | undefined, currency: string): string | undefined {
  return counts?.find((one) => one.tenderType === 'CASH' && (one.currency ?? currency) === currency)?.amount
}
