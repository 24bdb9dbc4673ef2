import { isSaleLine, isTenderLine } from '../../domain/compute-totals.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import type { Dice } from '../retailer/dice.ts'
import { timestampWriter } from '../retailer/till-clock.ts'

/** The same number with other content: somebody else rang it up. */
export function contradict(transaction: Transaction): Transaction {
  return { ...transaction, operatorId: 'someone-else' }
}

/** A receipt that a target must refuse, and how. */
export function poison(transaction: Transaction, dice: Dice): { transaction: Transaction; how: string } {
  const tender = transaction.lines.findIndex((line) => isTenderLine(line) && !line.amount.startsWith('-'))
  if (tender >= 0 && dice.chance(0.5)) {
    const lines = transaction.lines.map((line, index) =>
      index === tender && isTenderLine(line) ? { ...line, amount: `1${line.amount}` } : line,
    )
    return { transaction: { ...transaction, lines }, how: 'unbalanced' }
  }
  const sold = transaction.lines.findIndex((line) => isSaleLine(line) && !line.voided)
  const lines = transaction.lines.map((line, index) => {
    if (index !== sold || !isSaleLine(line)) return line
    const { gtin: _, posItemId: __, ...rest } = line
    return { ...rest, itemId: `UNKNOWN-${line.itemId}` }
  })
  return { transaction: { ...transaction, lines }, how: 'unknown-item' }
}

/** A clock that is wrong for a whole day. */
export interface WrongClock {
  how: string
  shiftMs: number
}

const hourMs = 3_600_000

export function pickWrongClock(dice: Dice, businessDayDate: string): WrongClock {
  const roll = dice.next()
  if (roll < 0.4) return { how: 'ahead', shiftMs: dice.between(25, 24 * 30) * hourMs }
  if (roll < 0.8) return { how: 'behind', shiftMs: -dice.between(5, 24 * 30) * hourMs }
  // A flat battery: the clock began at its epoch this morning.
  return { how: '1970', shiftMs: -Date.parse(`${businessDayDate}T00:00:00Z`) }
}

/** The transaction with the times of a wrong clock, in the zone that the till believes in. */
export function withClock({ shiftMs }: WrongClock, timeZone: string): (transaction: Transaction) => Transaction {
  const write = timestampWriter(timeZone)
  const shift = (text: string) => write(Date.parse(text) + shiftMs)
  return (transaction) => {
    const { beginDateTime, endDateTime, tillSession } = transaction
    const shifted = { ...transaction }
    if (beginDateTime !== undefined) shifted.beginDateTime = shift(beginDateTime)
    if (endDateTime !== undefined) shifted.endDateTime = shift(endDateTime)
    if (tillSession?.openedAt !== undefined && tillSession.closedAt !== undefined) {
      const { openedAt, closedAt } = tillSession
      shifted.tillSession = { ...tillSession, openedAt: shift(openedAt), closedAt: shift(closedAt) }
    }
    return shifted
  }
}

/** Amounts as floats: well-formed JSON of which no transaction can be made. */
export function breakAmounts(transaction: Transaction): string {
  return JSON.stringify({ ...transaction, totals: { grandTotal: 0.1 + 0.2 } })
}
