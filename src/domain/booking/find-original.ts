import { countingLines, isSaleLine } from '../compute-totals.ts'
import { linkKey } from '../identity.ts'
import type { Transaction } from '../transaction/transaction.ts'

const originalLinks = new Set(['RETURN_OF', 'EXCHANGE_OF', 'POST_VOID_OF'])

/** The key of the transaction that this one goes back to: the link of the receipt, else of its first linked line. */
export function findOriginal(transaction: Transaction, transactionKey: string): string | undefined {
  // Keys carry the day only where numbers restart daily, and then our own key does too.
  const numbering = { numbersRestartDaily: transactionKey.startsWith('till:') && transactionKey.includes('@') }
  for (const link of transaction.links ?? []) {
    const key = originalLinks.has(link.linkType) ? linkKey(link, transaction, numbering) : undefined
    if (key !== undefined) return key
  }
  for (const line of countingLines(transaction).filter(isSaleLine)) {
    if (line.originalLink?.transactionKey !== undefined) return line.originalLink.transactionKey
  }
  return undefined
}
