import { isTenderLine } from '../../domain/compute-totals.ts'
import type { TransactionType } from '../../domain/transaction/codes.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { attributeOf, type Element, flagOf, textOf } from './element.ts'
import type { LineContext } from './line-context.ts'
import { readWord } from './notes.ts'
import { controlWords, statusWords } from './words.ts'

/** What became of the transaction; a word that nobody knows is taken for a recorded one, and said so. */
export function readStatus(element: Element, content: Element, context: LineContext): string | undefined {
  const { transaction, notes } = context
  const word =
    attributeOf(content, 'TransactionStatus') ??
    attributeOf(element, 'TransactionStatus') ??
    textOf(content, 'TransactionStatus') ??
    attributeOf(content, 'dtv:TransactionStatus')
  const status = readWord(word, statusWords, { name: 'TransactionStatus', notes, extended: transaction })
  if (word !== undefined && status === undefined) {
    notes.findings.push({
      check: 'STATUS',
      severity: 'warn',
      message: 'The status of the transaction is a word nobody knows; it was read as completed.',
      advice: 'Ask the supplier of the till what the word means, and have it added.',
    })
  }
  transaction.status = status ?? 'COMPLETED'
  if (flagOf(element, 'CancelFlag')) transaction.status = 'CANCELLED'
  return word
}

/** The type of a RetailTransaction, by its state, its links and what its lines do. */
export function retailType(element: Element, word: string | undefined, transaction: Transaction): TransactionType {
  if (transaction.status === 'CANCELLED') return 'CANCELLED'
  if (transaction.status === 'SUSPENDED') return 'SUSPENDED'
  const vendorType = attributeOf(element, 'dtv:TransactionType') ?? ''
  if (isPostVoid(element, transaction)) return 'POST_VOID'
  const counting = transaction.lines.filter((line) => !line.voided)
  if (word === 'Resumed' && !counting.some(isTenderLine)) return 'RESUMED'
  const sells = counting.some((line) => line.lineType === 'SALE')
  const takesBack = counting.some((line) => line.lineType === 'RETURN')
  if (sells && takesBack) return 'EXCHANGE'
  if (takesBack) return 'RETURN'
  if (sells) return 'SALE'
  if (counting.some((line) => line.lineType === 'PAYMENT_ON_ACCOUNT')) return 'PAYMENT_ON_ACCOUNT'
  if (counting.some((line) => line.lineType === 'GIFT_CARD')) return 'GIFT_CARD_ISSUE'
  // Xstore names even transactions without lines.
  return controlWords.get(vendorType) ?? 'SALE'
}

export function isPostVoid(element: Element, transaction: Transaction): boolean {
  if (attributeOf(element, 'dtv:TransactionType') === 'POST_VOID') return true
  return (transaction.links ?? []).some((link) => link.linkType === 'POST_VOID_OF')
}

/** The type of a CustomerOrderTransaction or OrderTransaction, by the order's state. */
export function orderType(word: string | undefined, transaction: Transaction): TransactionType {
  if (transaction.status === 'CANCELLED') return 'CANCELLED'
  if (transaction.status === 'SUSPENDED') return 'SUSPENDED'
  const counting = transaction.lines.filter((line) => !line.voided)
  if (word === 'Returned' || (counting.length > 0 && counting.every((line) => line.lineType === 'RETURN'))) {
    return 'ORDER_REFUND'
  }
  if (word === 'Delivered' || word === 'Finished') return 'ORDER_PICKUP'
  const hasGoods = counting.some((line) => line.lineType === 'SALE')
  return hasGoods || !counting.some(isTenderLine) ? 'ORDER_PLACE' : 'ORDER_DEPOSIT'
}
