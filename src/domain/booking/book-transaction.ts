import { postingKind } from '../postable.ts'
import type { Transaction } from '../transaction/transaction.ts'
import { bookCashMovement, bookTillClose } from './book-cash.ts'
import { bookSale } from './book-sale.ts'
import type { Booking } from './booking.ts'

/** The document that the books hold for a transaction with this permanent key; undefined for what is nothing to them. */
export function bookTransaction(transaction: Transaction, transactionKey: string): Booking | undefined {
  switch (postingKind(transaction)) {
    case 'sale':
      return bookSale(transaction, transactionKey)
    case 'cash-management':
      return bookCashMovement(transaction, transactionKey)
    case 'till-close':
      return bookTillClose(transaction, transactionKey)
    case 'none':
      return undefined
  }
}
