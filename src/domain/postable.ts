import type { TransactionType } from './transaction/codes.ts'
import type { Transaction } from './transaction/transaction.ts'

/** What a transaction is for the books: a sale of some kind, cash that moved, a till's closing, or nothing at all. */
export type PostingKind = 'sale' | 'cash-management' | 'till-close' | 'none'

const kinds: Partial<Record<TransactionType, PostingKind>> = {
  SALE: 'sale',
  RETURN: 'sale',
  EXCHANGE: 'sale',
  POST_VOID: 'sale',
  LAYAWAY: 'sale',
  ORDER_PLACE: 'sale',
  ORDER_PICKUP: 'sale',
  ORDER_DEPOSIT: 'sale',
  ORDER_REFUND: 'sale',
  PAYMENT_ON_ACCOUNT: 'sale',
  GIFT_CARD_ISSUE: 'sale',
  GIFT_CARD_RELOAD: 'sale',
  GIFT_CARD_CASHOUT: 'sale',
  PAID_IN: 'cash-management',
  PAID_OUT: 'cash-management',
  PETTY_CASH: 'cash-management',
  TENDER_LOAN: 'cash-management',
  TENDER_PICKUP: 'cash-management',
  SAFE_DROP: 'cash-management',
  BANK_DEPOSIT: 'cash-management',
  TENDER_EXCHANGE: 'cash-management',
  TILL_SETTLE: 'till-close',
  TILL_CLOSE: 'till-close',
  Z_REPORT: 'till-close',
}

export function postingKind(
  transaction: Pick<Transaction, 'transactionType' | 'status' | 'trainingMode'>,
): PostingKind {
  const { transactionType, status, trainingMode } = transaction
  if (trainingMode || status === 'SUSPENDED' || status === 'CANCELLED' || status === 'IN_PROGRESS') return 'none'
  return kinds[transactionType] ?? 'none'
}

/** Whether a transaction may reach books, stock and loyalty (INV-15), and if not why. */
export function isPostable(transaction: Transaction): { postable: true } | { postable: false; reason: string } {
  if (postingKind(transaction) !== 'none') return { postable: true }
  if (transaction.trainingMode || transaction.transactionType === 'TRAINING')
    return { postable: false, reason: 'training' }
  if (
    transaction.status === 'SUSPENDED' ||
    transaction.status === 'CANCELLED' ||
    transaction.status === 'IN_PROGRESS'
  ) {
    return { postable: false, reason: transaction.status.toLowerCase().replace('_', ' ') }
  }
  return { postable: false, reason: transaction.transactionType.toLowerCase().replaceAll('_', ' ') }
}
