import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { makeSale } from '../../src/testing/receipts.ts'

/** Sales of many tills, taken in turn: number n of every till before number n + 1 of any. */
export function salesOfTills(tills: number, perTill: number, first = 1): Transaction[] {
  const sales: Transaction[] = []
  for (let number = first; number < first + perTill; number += 1)
    for (let till = 1; till <= tills; till += 1) sales.push(makeSale(number, { workstationId: String(till) }))
  return sales
}
