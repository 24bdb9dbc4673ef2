import { absolute, add, type Decimal, decimal, negate, subtract, sum } from '../decimal.ts'
import type { TenderCount, TillSession } from '../transaction/session.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { Check, Observation } from './check.ts'
import { differsBy, none, show } from './tolerance.ts'

export const drawer: Check = {
  id: 'INV-12',
  title: 'The drawer adds up',
  severity: 'warn',
  tolerance: 'none',
  explanation:
    'Float plus cash sales, less refunds, plus paid in and loans, less paid out and pickups, is what must be in the drawer. What was counted beyond or below it is over or short.',
  advice: 'Post over or short to its own account, and look at the operator and the cash movements of the session.',
  run: (transaction) => {
    const session = transaction.tillSession
    if (!session) return []
    const cash = `CASH ${transaction.currency}`
    const expected = byTender(session.expected, transaction)
    const found: Observation[] = []
    const computed = cashByMovements(session)
    const stated = expected.get(cash)
    if (computed && stated && differsBy(computed, stated, none)) {
      const [ours, theirs] = [show(transaction, computed), show(transaction, stated)]
      found.push({
        message: `The movements come to ${ours}, the till expects ${theirs}.`,
        expected: ours,
        given: theirs,
      })
    }
    if (computed && !stated) expected.set(cash, computed)
    const overShort = byTender(session.overShort, transaction)
    for (const [tender, counted] of byTender(session.declared, transaction)) {
      const due = expected.get(tender)
      if (due) found.push(...compareCount(transaction, { tender, counted, due, overShort: overShort.get(tender) }))
    }
    return found
  },
}

interface Count {
  /** Means of payment and currency. */
  tender: string
  counted: Decimal
  due: Decimal
  /** What the till itself says is over or short. */
  overShort: Decimal | undefined
}

function compareCount(transaction: Transaction, { tender, counted, due, overShort }: Count): Observation[] {
  const difference = subtract(counted, due)
  const found: Observation[] = []
  if (overShort && differsBy(difference, overShort, none)) {
    const [expected, given] = [show(transaction, difference), show(transaction, overShort)]
    found.push({ message: `Counted less expected is ${expected}, the till says ${given}.`, expected, given })
  }
  if (difference.unscaled !== 0n) {
    const what = tender === `CASH ${transaction.currency}` ? 'The drawer' : `The drawer's ${tender}`
    const direction = difference.unscaled < 0n ? 'short' : 'over'
    found.push({
      message: `${what} is ${direction} by ${show(transaction, absolute(difference))}.`,
      expected: show(transaction, due),
      given: show(transaction, counted),
      severity: 'info',
    })
  }
  return found
}

/** What must be in the drawer, where the session says enough to know. */
function cashByMovements(session: TillSession): Decimal | undefined {
  if (session.openingFloat === undefined || session.cashSales === undefined) return undefined
  const amount = (text: string | undefined) => decimal(text ?? '0')
  const into = [session.openingFloat, session.cashSales, session.paidIn, session.loans]
  const outOf = [session.cashRefunds, session.paidOut, session.pickups]
  return sum([...into.map(amount), ...outOf.map((text) => negate(amount(text)))])
}

function byTender(counts: readonly TenderCount[] | undefined, { currency }: Transaction): Map<string, Decimal> {
  const amounts = new Map<string, Decimal>()
  for (const count of counts ?? []) {
    const tender = `${count.tenderType} ${count.currency ?? currency}`
    const known = amounts.get(tender)
    amounts.set(tender, known ? add(known, decimal(count.amount)) : decimal(count.amount))
  }
  return amounts
}
