import type { Transaction } from '../src/domain/transaction/transaction.ts'
import { planStores } from '../src/simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../src/simulator/retailer/till-day.ts'

/** Receipts of many tills, each till's in its order, tills mixed: what a busy hub sees. No two have the same number. */
export function makeReceipts(count: number, seed: number): Transaction[] {
  const tills = 64
  const perTill = Math.ceil(count / tills) + 2
  const [plan] = planStores(1, 1)
  if (!plan) throw new Error('one store was asked for')
  const days = Array.from({ length: tills }, (_, till) => [
    ...simulateTillDay({
      plan,
      workstationId: `${seed}-${till}`,
      businessDayDate: new Date().toISOString().slice(0, 10),
      receiptsCount: perTill,
      firstSequenceNumber: 1,
      seed: seed * 1_000 + till,
    }),
  ])
  const receipts: Transaction[] = []
  for (let index = 0; receipts.length < count; index += 1) {
    for (const day of days) {
      const receipt = day[index]
      if (receipt && receipts.length < count) receipts.push(receipt)
    }
  }
  return receipts
}
