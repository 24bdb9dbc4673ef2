import { decimal, formatDecimal, negate, subtract, sum } from '../decimal.ts'
import type { TenderCount } from '../transaction/session.ts'
import type { Check, Observation } from './check.ts'
import { differsBy, none, show } from './tolerance.ts'

export const drawer: Check = {
  id: 'INV-12',
  title: 'The drawer adds up',
  severity: 'warn',
  tolerance: 'none',
  explanation:
    'Float plus cash sales, less refunds, plus paid in and loans, less paid out and pickups, is what must be in the drawer.',
  advice: 'Post over or short to its own account, and look at the operator and the cash movements of the session.',
  run: (transaction) => {
    const session = transaction.tillSession
    if (!session) return []
    const found: Observation[] = []
    const expectedCash = cashOf(session.expected)
    if (expectedCash !== undefined && session.openingFloat !== undefined && session.cashSales !== undefined) {
      const plus = [session.openingFloat, session.cashSales, session.paidIn, session.loans]
      const minus = [session.cashRefunds, session.paidOut, session.pickups]
      const amount = (text: string | undefined) => decimal(text ?? '0')
      const computed = sum([...plus.map(amount), ...minus.map((text) => negate(amount(text)))])
      if (differsBy(computed, decimal(expectedCash), none)) {
        const expected = show(transaction, computed)
        found.push({
          message: `The movements come to ${expected}, the till expects ${expectedCash}.`,
          expected,
          given: expectedCash,
        })
      }
    }
    const declaredCash = cashOf(session.declared)
    const overShort = cashOf(session.overShort)
    if (expectedCash !== undefined && declaredCash !== undefined) {
      const difference = subtract(decimal(declaredCash), decimal(expectedCash))
      if (overShort !== undefined && differsBy(difference, decimal(overShort), none)) {
        const expected = show(transaction, difference)
        found.push({
          message: `Counted less expected is ${expected}, the till says ${overShort}.`,
          expected,
          given: overShort,
        })
      }
      if (difference.unscaled !== 0n) {
        const message = `The drawer is ${difference.unscaled < 0n ? 'short' : 'over'} by ${show(transaction, difference)}.`
        found.push({ message, expected: expectedCash, given: formatDecimal(decimal(declaredCash)), severity: 'info' })
      }
    }
    return found
  },
}

function cashOf(counts: readonly TenderCount[] | undefined): string | undefined {
  return counts?.find((count) => count.tenderType === 'CASH')?.amount
}
