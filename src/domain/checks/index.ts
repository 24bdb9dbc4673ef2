import { computeExactTotals, type ExactTotals } from '../compute-totals.ts'
import type { Finding } from '../finding.ts'
import type { StoreProfile } from '../store.ts'
import type { Transaction } from '../transaction/transaction.ts'
import type { Check, CheckContext } from './check.ts'
import { lineAmount } from './inv-01-line-amount.ts'
import { lineNet } from './inv-02-line-net.ts'
import { taxAmount } from './inv-03-tax.ts'
import { grandTotal } from './inv-04-grand-total.ts'
import { tenders } from './inv-05-tenders.ts'
import { cashRounding } from './inv-06-rounding.ts'
import { postVoid } from './inv-08-post-void.ts'
import { businessTime } from './inv-10-time.ts'
import { zReport } from './inv-11-z-report.ts'
import { drawer } from './inv-12-drawer.ts'
import { inventory } from './inv-14-inventory.ts'
import { notForTheBooks } from './inv-15-not-for-the-books.ts'
import { balances } from './inv-16-balances.ts'
import { oneCurrency } from './inv-17-currency.ts'
import { checkDigits } from './inv-18-check-digits.ts'
import { fiscalSignature } from './inv-19-fiscal.ts'
import { approval } from './inv-20-approval.ts'
import { someQuantity } from './quantity.ts'
import { signRule } from './sign-rule.ts'

/** Every check that one transaction alone can decide. */
export const checks: readonly Check[] = [
  lineAmount,
  lineNet,
  taxAmount,
  grandTotal,
  tenders,
  cashRounding,
  postVoid,
  businessTime,
  zReport,
  drawer,
  inventory,
  notForTheBooks,
  balances,
  oneCurrency,
  checkDigits,
  fiscalSignature,
  approval,
  signRule,
  someQuantity,
]

/** What the checks say about a transaction, in the order of the checks. Empty when everything adds up. */
export function checkTransaction(
  transaction: Transaction,
  profile: StoreProfile,
  options: { receivedAt?: string } = {},
): Finding[] {
  let totals: ExactTotals | undefined
  const context: CheckContext = {
    profile,
    ...options,
    totals: () => {
      totals ??= computeExactTotals(transaction)
      return totals
    },
  }
  return checks.flatMap((check) =>
    check.run(transaction, context).map((observation) => ({
      check: check.id,
      severity: check.severity,
      advice: check.advice,
      ...observation,
    })),
  )
}
