import type { Transaction } from '../../domain/transaction/transaction.ts'
import type { Dice } from '../retailer/dice.ts'

/** How often tills misbehave, as probabilities per receipt. */
export interface TillFaults {
  doubled: number
  reordered: number
  conflicting: number
  unreadable: number
  /** A number that is never uploaded. */
  lost: number
}

export const noFaults: TillFaults = { doubled: 0, reordered: 0, conflicting: 0, unreadable: 0, lost: 0 }
export const usualFaults: TillFaults = {
  doubled: 0.02,
  reordered: 0.02,
  conflicting: 0.003,
  unreadable: 0.003,
  lost: 0.002,
}

/** One upload of a till: what it sends, and of which receipt. */
export interface TillUpload {
  transaction: Transaction
  body: string
  kind: 'receipt' | 'again' | 'conflict' | 'unreadable'
}

/** The uploads of a till that misbehaves now and then: doubled, swapped, contradicted, broken, forgotten. */
export function* misbehave(transactions: Iterable<Transaction>, faults: TillFaults, dice: Dice): Generator<TillUpload> {
  let held: TillUpload | undefined
  for (const transaction of transactions) {
    // Opening and closing are kept whole, so that the day itself stays readable.
    const ordinary = transaction.transactionType === 'SALE'
    const roll = ordinary ? dice.next() : 1
    if (roll < faults.lost) continue
    const upload: TillUpload =
      roll < faults.lost + faults.unreadable
        ? { transaction, body: breakAmounts(transaction), kind: 'unreadable' }
        : { transaction, body: JSON.stringify(transaction), kind: 'receipt' }
    if (!held && upload.kind === 'receipt' && ordinary && dice.chance(faults.reordered)) {
      held = upload
      continue
    }
    yield upload
    if (held) {
      yield held
      held = undefined
    }
    if (upload.kind !== 'receipt') continue
    if (dice.chance(faults.doubled)) yield { ...upload, kind: 'again' }
    if (ordinary && dice.chance(faults.conflicting))
      yield { ...upload, body: contradict(transaction), kind: 'conflict' }
  }
  if (held) yield held
}

/** Amounts as floats: well-formed JSON of which no transaction can be made. */
function breakAmounts(transaction: Transaction): string {
  return JSON.stringify({ ...transaction, totals: { grandTotal: 0.1 + 0.2 } })
}

function contradict(transaction: Transaction): string {
  return JSON.stringify({ ...transaction, operatorId: 'someone-else' })
}
