import type { Transaction } from '../src/domain/transaction/transaction.ts'
import type { EventExample } from '../src/event-contracts/asyncapi.ts'
import { prepareRecord } from '../src/intake/prepare.ts'
import { quarantinedData } from '../src/intake/record.ts'
import { type ErasedData, eventTypes } from '../src/journal/event.ts'
import { planStores } from '../src/simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../src/simulator/retailer/till-day.ts'
import { readDocument } from '../src/sources/tillflow/read-document.ts'
import type { GeneratedFile } from './generated-file.ts'

const businessDayDate = '2026-03-02'
const recordedAt = '2026-03-02T18:00:00.000Z'
/** Chance gives it in a hub; an example is always the same. */
const erasureId = '52c1f0de-7a3b-4f0e-9a44-0d6b1e8c2f17'
const reference = 'ref_kO0aXrTq1dVwXW0m4zJ2cA'
const quarantineId = '7d0c1f52-93a4-4b8e-8f6b-2a51c0de9e41'

/** One event of each type: what a simulated till sends, taken the way of every upload. */
export function makeExamples(): Record<string, EventExample> {
  const [plan] = planStores(1, 1)
  if (!plan) throw new RangeError('there is no store')
  const till = { plan, workstationId: '1', businessDayDate, receiptsCount: 40, seed: 1 }
  const sale = [...simulateTillDay(till)].find(isTypical)
  if (!sale) throw new RangeError('no sale of the simulated day is as wanted')
  const profileOf = () => plan.profile
  const record = (document: object) => {
    const result = readDocument(Buffer.from(JSON.stringify(document)), { store: profileOf })
    const upload = { source: 'tillflow', result, fidelity: 'verbatim', senderId: 'example' } as const
    return prepareRecord(upload, { profileOf, now: () => Date.parse(recordedAt) })
  }
  const receipt = record(sale)
  const quarantined = record({ ...sale, totals: { grandTotal: '1,99' } })
  if (receipt.kind !== 'receipt' || quarantined.kind !== 'quarantine') throw new RangeError('the examples are not read')
  const { transactionId, transactionKey, orderingKey, eventData } = receipt
  return {
    [eventTypes.recorded]: {
      id: transactionId,
      subject: transactionKey,
      orderingKey,
      time: recordedAt,
      data: JSON.parse(eventData),
    },
    [eventTypes.quarantined]: {
      id: quarantineId,
      subject: `quarantine:${quarantineId}`,
      orderingKey: quarantined.orderingKey,
      time: recordedAt,
      data: quarantinedData({ ...quarantined, quarantineId }),
    },
    [eventTypes.customerErased]: {
      id: erasureId,
      subject: `loyalty:${reference}`,
      orderingKey: `loyalty:${reference}`,
      time: recordedAt,
      data: {
        kind: 'loyalty',
        reference,
        transactionKeys: [transactionKey],
        transactionsCount: 1,
      } satisfies ErasedData,
    },
  }
}

/** Short, and with everything that most receipts have: goods, tax, money, a loyalty account. */
function isTypical({ transactionType, lines, loyaltyAccountId }: Transaction): boolean {
  return transactionType === 'SALE' && lines.length <= 4 && loyaltyAccountId !== undefined
}

export function exampleFiles(examples: Record<string, EventExample>): GeneratedFile[] {
  return Object.entries(examples).map(([eventType, example]) => ({
    path: `src/event-contracts/generated/${eventType}.example.json`,
    content: `${JSON.stringify(example, null, 2)}\n`,
  }))
}
