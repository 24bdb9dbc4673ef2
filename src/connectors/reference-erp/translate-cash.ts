import type { DeliveryEvent } from '../../contract/connector.ts'
import { countingLines, isTenderLine, tenderCounts } from '../../domain/compute-totals.ts'
import { type Decimal, decimal, sum } from '../../domain/decimal.ts'
import type { TenderCount } from '../../domain/transaction/session.ts'
import { headOf } from './document-head.ts'
import { toMethod } from './payment-method.ts'
import { toCents, toCentsTogether } from './round-to-cents.ts'
import type { TheirDocument } from './their-document.ts'

const empty = { tax: 0, lines: [], charges: [], taxes: [], payments: [] }

/** Money into the drawer (above zero) or out of it: float, pickup, paid in, paid out, deposit. */
export function toCashMovement(event: DeliveryEvent): TheirDocument {
  const { transaction } = event
  const { currency, transactionType, cashMovement } = transaction
  const tenders = countingLines(transaction).filter(isTenderLine).filter(tenderCounts)
  const amounts = tenders.map((line) => decimal(line.amount))
  const cents = toCentsTogether(amounts, currency)
  const moved = cashMovement ? decimal(cashMovement.amount) : sum(amounts)
  return {
    ...headOf(event),
    ...empty,
    kind: 'cash-movement',
    total: toCents(moved, currency),
    charges: [{ kind: transactionType.toLowerCase().replaceAll('_', '-'), amount: toCents(moved, currency) }],
    payments: tenders.map((line, index) => ({ method: toMethod(line.tenderType), amount: cents[index] ?? 0 })),
  }
}

/** The till's own closing report, as printed: the ERP compares it with what it has booked, so nothing is summed here. */
export function toTillClose(event: DeliveryEvent): TheirDocument {
  const { zReport, tillSession, currency } = event.transaction
  const cents = (amount: string | undefined) => (amount === undefined ? undefined : toCents(decimal(amount), currency))
  const number = zReport?.zNumber
  const counted = cents(zReport?.closingCount) ?? countedOf(tillSession?.declared, currency)
  const expected = countedOf(tillSession?.expected, currency)
  const difference = cents(zReport?.overShort) ?? countedOf(tillSession?.overShort, currency)
  return {
    ...headOf(event),
    ...empty,
    kind: 'till-close',
    total: cents(zReport?.grossSales) ?? 0,
    tax: cents(zReport?.taxTotal) ?? 0,
    payments: (zReport?.tenders ?? []).map(({ tenderType, amount }) => ({
      method: toMethod(tenderType),
      amount: toCents(decimal(amount), currency),
    })),
    closing: {
      ...(number !== undefined && { number }),
      ...(counted !== undefined && { counted }),
      ...(expected !== undefined && { expected }),
      ...(difference !== undefined && { difference }),
    },
  }
}

/** Sum of the counts in the document's own currency; foreign notes are counted elsewhere. */
function countedOf(counts: readonly TenderCount[] | undefined, currency: string): number | undefined {
  if (!counts) return undefined
  const own: Decimal[] = counts
    .filter((count) => (count.currency ?? currency) === currency)
    .map((count) => decimal(count.amount))
  return toCents(sum(own), currency)
}
