import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { decimal, sum } from '../../domain/decimal.ts'
import { orderingKey, transactionKey } from '../../domain/identity.ts'
import { fromMinorUnits } from '../../domain/money.ts'
import { postingKind } from '../../domain/postable.ts'
import { Books } from '../../simulator/back-office/reference-erp/books.ts'
import { isRefusal, readDocument } from '../../simulator/back-office/reference-erp/document.ts'
import { planStores } from '../../simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../../simulator/retailer/till-day.ts'
import { referenceErp } from './connector.ts'

const connection = referenceErp.connect(
  { url: 'https://erp.example.com' },
  { logger: silentLogger, allowPrivateNetwork: false },
)
const rules = { idempotent: true, unknownOriginal: 'conflict' } as const

describe('a simulated day of every country', () => {
  it('is booked whole, and comes to the cent to what the tills say', { timeout: 60_000 }, () => {
    for (const plan of planStores(10, 2)) {
      const books = new Books()
      const tillTotals: string[] = []
      for (const workstationId of plan.workstationIds) {
        const options = {
          plan,
          workstationId,
          businessDayDate: '2026-03-02',
          receiptsCount: 150,
        }
        for (const transaction of simulateTillDay({ ...options, seed: 7 })) {
          const subject = transactionKey(transaction, plan.profile) ?? ''
          const event = {
            eventId: subject,
            type: 't',
            orderingKey: orderingKey(transaction),
            recordedAt: '',
            subject,
            transaction,
          }
          const sent = connection.preview?.(event)
          if (postingKind(transaction) === 'none') {
            expect(sent).toBeUndefined()
            continue
          }
          const document = readDocument(JSON.parse(JSON.stringify(sent)))
          if (isRefusal(document)) return expect.unreachable(`${subject}: ${document.message}`)
          expect(books.book(document, subject, rules, new Date(0))).toMatchObject({ kind: 'booked' })
          if (postingKind(transaction) === 'sale') tillTotals.push(transaction.totals?.grandTotal ?? '0')
        }
      }
      const { businessUnitId, currency } = plan.profile
      const booked = books
        .documentsOf(businessUnitId, '2026-03-02')
        .filter((document) => ['sale', 'return', 'void'].includes(document.kind))
      expect(booked.length).toBe(tillTotals.length)
      expect(booked.length).toBeGreaterThan(200)
      const bookedTotal = booked.reduce((total, document) => total + BigInt(document.total), 0n)
      expect(decimal(fromMinorUnits(bookedTotal, currency))).toEqual(sum(tillTotals.map(decimal)))
    }
  })
})
