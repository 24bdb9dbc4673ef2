import { countingLines, isTenderLine } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import type { TransactionStatus, TransactionType } from '../transaction/codes.ts'
import type { Check } from './check.ts'

const apartTypes = new Set<TransactionType>(['TRAINING', 'SUSPENDED', 'CANCELLED'])
const apartStatuses = new Set<TransactionStatus>(['SUSPENDED', 'CANCELLED'])

export const notForTheBooks: Check = {
  id: 'INV-15',
  title: 'Training, suspended and cancelled receipts move no money',
  severity: 'error',
  tolerance: 'none',
  explanation: 'Such receipts never reach books, stock or loyalty. One that took real money would vanish.',
  advice: 'Ask the store whether the payment was real; if so it must be booked by hand.',
  run: (transaction) => {
    const { transactionType, status, trainingMode } = transaction
    const isApart = trainingMode || apartStatuses.has(status) || apartTypes.has(transactionType)
    if (!isApart) return []
    return countingLines(transaction)
      .filter(isTenderLine)
      .filter((line) => line.state === 'CAPTURED' && decimal(line.amount).unscaled !== 0n)
      .map((line) => ({
        message: `A receipt that is not for the books captured a payment of ${line.amount}.`,
        given: line.amount,
        lineNumber: line.lineNumber,
      }))
  },
}
