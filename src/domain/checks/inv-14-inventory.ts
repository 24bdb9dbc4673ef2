import { countingLines } from '../compute-totals.ts'
import { decimal } from '../decimal.ts'
import type { TransactionType } from '../transaction/codes.ts'
import type { InventoryLine } from '../transaction/line.ts'
import type { Check } from './check.ts'

const counts = new Set<TransactionType>(['INVENTORY_COUNT', 'INVENTORY_POSITION'])
const movements = new Set<TransactionType>(['INVENTORY_ADJUSTMENT', 'INVENTORY_TRANSFER'])

export const inventory: Check = {
  id: 'INV-14',
  title: 'Counted and moved goods say where, and move no money',
  severity: 'error',
  tolerance: 'none',
  explanation:
    'Stock is the last count and what moved since. A count without its place, a movement without both ends, or one that brings money along makes a stock that nobody can explain.',
  advice: 'Have the sender say where goods were counted, from where to where they went, and send money as a sale.',
  run: (transaction) => {
    const { transactionType } = transaction
    const isCount = counts.has(transactionType)
    if (!isCount && !movements.has(transactionType)) return []
    return countingLines(transaction).flatMap((line) => {
      const { lineNumber } = line
      const message =
        line.lineType === 'INVENTORY'
          ? faultOf(line, isCount)
          : 'A count or movement of stock has a line of another kind.'
      return message === undefined ? [] : [{ message, lineNumber }]
    })
  },
}

function faultOf({ at, from, to, quantity }: InventoryLine, isCount: boolean): string | undefined {
  if (isCount) return at === undefined ? 'A count does not say where.' : undefined
  if (from === undefined || to === undefined) return 'A movement does not say from where to where.'
  return decimal(quantity).unscaled <= 0n ? 'A movement has no quantity above zero.' : undefined
}
