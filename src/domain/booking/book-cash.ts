import { countingLines, isTenderLine, tenderCounts } from '../compute-totals.ts'
import { decimal, sum } from '../decimal.ts'
import type { TenderCount } from '../transaction/session.ts'
import type { Transaction } from '../transaction/transaction.ts'
import { bookHead } from './book-head.ts'
import { bookPayments } from './book-sale.ts'
import type { Booking } from './booking.ts'
import { toMinor } from './round-together.ts'

const empty = { tax: 0n, lines: [], charges: [], taxes: [], payments: [] }

/** Money into the drawer (above zero) or out of it: float, pickup, paid in, paid out, deposit. */
export function bookCashMovement(transaction: Transaction, reference: string): Booking {
  const { currency, transactionType, cashMovement } = transaction
  const tenders = countingLines(transaction).filter(isTenderLine).filter(tenderCounts)
  const moved = cashMovement ? decimal(cashMovement.amount) : sum(tenders.map((line) => decimal(line.amount)))
  return {
    ...bookHead(transaction, reference),
    ...empty,
    kind: 'cash-movement',
    total: toMinor(moved, currency),
    charges: [{ kind: transactionType.toLowerCase().replaceAll('_', '-'), amount: toMinor(moved, currency) }],
    payments: bookPayments(tenders, currency),
  }
}

/** The till's own closing report, as printed: the ERP compares it with what it has booked, so nothing is summed here. */
export function bookTillClose(transaction: Transaction, reference: string): Booking {
  const { zReport, tillSession, currency } = transaction
  const minor = (amount: string | undefined) => (amount === undefined ? undefined : toMinor(decimal(amount), currency))
  const zNumber = zReport?.zNumber
  const counted = minor(zReport?.closingCount) ?? countedOf(tillSession?.declared, currency)
  const expected = countedOf(tillSession?.expected, currency)
  const overShort = minor(zReport?.overShort) ?? countedOf(tillSession?.overShort, currency)
  return {
    ...bookHead(transaction, reference),
    ...empty,
    kind: 'till-close',
    total: minor(zReport?.grossSales) ?? 0n,
    tax: minor(zReport?.taxTotal) ?? 0n,
    payments: (zReport?.tenders ?? []).map(({ tenderType, amount }) => ({
      tenderType,
      amount: toMinor(decimal(amount), currency),
    })),
    closing: {
      ...(zNumber !== undefined && { zNumber }),
      ...(counted !== undefined && { counted }),
      ...(expected !== undefined && { expected }),
      ...(overShort !== undefined && { overShort }),
    },
  }
}

/** Sum of the counts in the document's own currency; foreign notes are counted elsewhere. */
function countedOf(counts: readonly TenderCount[] | undefined, currency: string): bigint | undefined {
  if (!counts) return undefined
  const own = counts.filter((count) => (count.currency ?? currency) === currency).map((count) => decimal(count.amount))
  return toMinor(sum(own), currency)
}
