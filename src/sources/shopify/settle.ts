import { computeExactTotals } from '../../domain/compute-totals.ts'
import type { Line } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { formatMoney, isZero, wholeMoney } from './amounts.ts'
import type { Unnumbered } from './item-line.ts'

/** The name of the account that an order is charged to until its payments settle it. */
export const orderBalance = 'order-balance'

/** Numbers the lines in their order. */
export function numberLines(lines: readonly Unnumbered[]): Line[] {
  return lines.map((line, index) => ({ lineNumber: index + 1, ...line }) as Line)
}

/**
 * Charges what goods and fees come to to the balance of the order. Payments are facts of their own, which settle that balance: they
 * come in their own webhooks, before or after, at once or in weeks, and no version of an order says for good what was paid.
 */
export function chargeToOrder(lines: readonly Unnumbered[], currency: string): Line[] {
  const numbered = numberLines(lines)
  const total = wholeMoney(
    computeExactTotals({ lines: numbered, currency } as unknown as Transaction).grandTotal,
    currency,
  )
  if (isZero(total)) return numbered
  const amount = formatMoney(total, currency)
  const tender: Line = {
    lineNumber: numbered.length + 1,
    lineType: 'TENDER',
    tenderType: 'ACCOUNTS_RECEIVABLE',
    tenderId: orderBalance,
    amount,
  }
  return [...numbered, tender]
}
