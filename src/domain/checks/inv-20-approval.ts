import { isSaleLine } from '../compute-totals.ts'
import { absolute, compare, decimal } from '../decimal.ts'
import type { Check } from './check.ts'

export const approval: Check = {
  id: 'INV-20',
  title: 'Voids and price overrides above the limit are approved',
  severity: 'warn',
  tolerance: 'the approval limit of the store',
  explanation: 'Voids and overrides are where money leaves a till unseen; above a limit a second person must agree.',
  advice: 'Ask the store manager for the reason, and set the till to require an approval.',
  run: (transaction, { profile }) => {
    const { approvalLimit } = profile
    if (approvalLimit === undefined) return []
    const limit = decimal(approvalLimit)
    return transaction.lines.filter(isSaleLine).flatMap((line) => {
      if (line.approval) return []
      const override = (line.priceModifiers ?? []).find((one) => one.method === 'PRICE_OVERRIDE')
      const amount = line.voided ? line.extendedAmount : override?.amount
      if (amount === undefined || compare(absolute(decimal(amount)), limit) <= 0) return []
      const what = line.voided ? 'A voided line' : 'A price override'
      return [
        {
          message: `${what} of ${amount} has no approval (limit ${approvalLimit}).`,
          given: amount,
          lineNumber: line.lineNumber,
        },
      ]
    })
  },
}
