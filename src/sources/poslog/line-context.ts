import type { StoreProfile } from '../../domain/store.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import type { Notes } from './notes.ts'

/** What the reader of one line must know of the transaction around it. */
export interface LineContext {
  /** The header; its lines are still being read. */
  transaction: Transaction
  profile: StoreProfile
  notes: Notes
  /** Everything that counts goes back to the shop: amounts that a sender writes without sign are below zero. */
  takesBack: boolean
  /** A post-void that repeats its original as it was: every sign turns. */
  mirrored: boolean
}
