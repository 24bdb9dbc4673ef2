import { describe, expect, it } from 'vitest'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import { checkTransaction } from '../../domain/checks/index.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { planStores } from './store-plan.ts'
import { simulateTillDay } from './till-day.ts'

function simulate(
  seed: number,
  receiptsCount: number,
): { transaction: Transaction; profile: ReturnType<typeof planStores>[number]['profile'] }[] {
  const remembered: Parameters<typeof simulateTillDay>[0]['remembered'] = []
  return planStores(5, 2).flatMap((plan) =>
    plan.workstationIds.flatMap((workstationId) =>
      [
        ...simulateTillDay({
          plan,
          workstationId,
          businessDayDate: '2026-03-02',
          receiptsCount,
          firstSequenceNumber: 1,
          seed,
          remembered,
        }),
      ].map((transaction) => ({ transaction, profile: plan.profile })),
    ),
  )
}

describe('the simulated retailer', () => {
  const day = simulate(1, 300)

  it('rings up receipts that pass every check, in five countries', () => {
    expect(day.length).toBeGreaterThan(3_000)
    const found = day.flatMap(({ transaction, profile }) =>
      checkTransaction(transaction, profile).map((finding) => ({ finding, transaction })),
    )
    expect(found.map(({ finding }) => finding)).toEqual([])
  })

  it('writes documents of the published schema', () => {
    for (const { transaction } of day) expect(validateTransaction(transaction)).toMatchObject({ valid: true })
  })

  it('has every kind of transaction a day has', () => {
    const kinds = new Set(day.map(({ transaction }) => transaction.transactionType))
    for (const kind of [
      'SALE',
      'RETURN',
      'EXCHANGE',
      'POST_VOID',
      'NO_SALE',
      'SUSPENDED',
      'CANCELLED',
      'PAID_OUT',
      'Z_REPORT',
    ]) {
      expect(kinds).toContain(kind)
    }
  })

  it('numbers every till without a gap', () => {
    const tills = Map.groupBy(day, ({ transaction }) => `${transaction.businessUnitId}/${transaction.workstationId}`)
    for (const receipts of tills.values()) {
      expect(receipts.map(({ transaction }) => transaction.sequenceNumber)).toEqual(
        receipts.map((_, index) => index + 1),
      )
    }
  })

  it('returns and voids only what was sold before', () => {
    const sold = new Set<string>()
    let linked = 0
    for (const { transaction } of day) {
      const key = (store?: string, workstation?: string, number?: number) =>
        `${store ?? transaction.businessUnitId}/${workstation ?? transaction.workstationId}/${number}`
      for (const link of transaction.links ?? []) {
        if (link.sequenceNumber === undefined) continue
        linked += 1
        expect(sold).toContain(key(link.businessUnitId, link.workstationId, link.sequenceNumber))
      }
      sold.add(key(undefined, undefined, transaction.sequenceNumber))
    }
    expect(linked).toBeGreaterThan(50)
  })

  it('gives the same bytes for the same seed, and others for another', () => {
    const text = (seed: number) => JSON.stringify(simulate(seed, 30))
    expect(text(7)).toBe(text(7))
    expect(text(7)).not.toBe(text(8))
  })
})
