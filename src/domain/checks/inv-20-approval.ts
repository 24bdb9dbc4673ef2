import { isSaleLine } from '../compute-totals.ts'
import { absolute, compare, type Decimal, decimal } from '../decimal.ts'
import type { SaleLine } from '../transaction/line.ts'
import type { Check } from './check.ts'
import { show } from './tolerance.ts'

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
      const above = sensitiveAmounts(line).filter(({ amount }) => compare(absolute(amount), limit) > 0)
      return above.map(({ what, amount }) => {
        const given = show(transaction, amount)
        const message = `${what} of ${given} has no approval (limit ${approvalLimit}).`
        return { message, given, lineNumber: line.lineNumber }
      })
    })
  },
}

function sensitiveAmounts(line: SaleLine): { what: string; amount: Decimal }[] {
  if (line.voided) return [{ what: 'A voided line', amount: decimal(line.extendedAmount) }]
  return (line.priceModifiers ?? [])
    .filter((modifier) => modifier.method === 'PRICE_OVERRIDE')
    .map((modifier) => ({ what: 'A price override', amount: decimal(modifier.amount) }))
}
