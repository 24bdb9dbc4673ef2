import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { compare, decimal, sum } from '../../domain/decimal.ts'
import { planStores } from '../../simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../../simulator/retailer/till-day.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { tryton } from './connector.ts'
import type { TheirReceipt } from './their-receipt.ts'

const connection = tryton.connect(
  { url: 'https://erp.example.com', database: 'books', user: 'till', password: 'correct-horse-7' },
  { logger: silentLogger, allowPrivateNetwork: false },
)

describe('a simulated day of every country', () => {
  it('is translated whole, and comes to what the tills say', () => {
    for (const plan of planStores(10, 1)) {
      for (const workstationId of plan.workstationIds) {
        const options = {
          plan,
          workstationId,
          businessDayDate: '2026-03-02',
          receiptsCount: 100,
          firstSequenceNumber: 1,
        }
        for (const transaction of simulateTillDay({ ...options, seed: 7 })) {
          const sent = connection.preview?.(makeEvent(transaction)) as { refused?: string; receipt?: TheirReceipt }
          expect(sent.refused, JSON.stringify(transaction)).toBeUndefined()
          if (!sent.receipt) continue
          const parts = [...sent.receipt.lines, ...sent.receipt.taxes, ...sent.receipt.entries]
          expect(compare(sum(parts.map((part) => decimal(part.amount))), decimal(sent.receipt.total))).toBe(0)
        }
      }
    }
  })
})
