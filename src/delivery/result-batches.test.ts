import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePositions } from '../journal/compare-positions.ts'
import { eventTypes, type JournalEvent } from '../journal/event.ts'
import { batchColumns, splitBatches } from './result-batches.ts'
import type { Commit, Settlement } from './store.ts'
import type { Transition } from './transition.ts'

const document = { documentId: 'a', kind: 'sale' }
const plain: Transition = { state: 'delivered', documents: [document] }

function eventAt(shard: number, position: number): JournalEvent {
  return {
    ...{ eventId: `${shard}-${position}`, xid: '7', position: String(position), shard, subject: 's', orderingKey: 'k' },
    ...{ eventType: eventTypes.recorded, dependsOn: [], data: {}, traceparent: undefined, recordedAt: new Date(0) },
  }
}

const settled = (shard: number, position: number, changes: Partial<Settlement> = {}): Settlement => ({
  ...{ event: eventAt(shard, position), transition: plain, attempts: 1, hadEntry: false, ...changes },
})

function commitOf(settlements: Settlement[], cursors: [number, number][], start = 0): Commit {
  const at = (position: number) => ({ xid: '7', position: String(position) })
  return {
    ...{ targetId: 1, workerId: 'w', settlements, cursors: new Map(cursors.map(([shard, end]) => [shard, at(end)])) },
    leases: cursors.map(([shard]) => ({ shard, fence: '1', cursor: at(start) })),
  }
}

const split = (settlements: Settlement[], cursors: [number, number][], start = 0) =>
  splitBatches(commitOf(settlements, cursors, start), settlements)

describe('results that share a row', () => {
  it('are those of one shard, three at least', () => {
    const settlements = [settled(1, 1), settled(2, 2), settled(1, 3), settled(1, 4), settled(2, 5)]
    const { batches, single } = split(settlements, [
      [1, 5],
      [2, 5],
    ])
    expect(batches).toEqual([[settlements[0], settlements[2], settlements[3]]])
    expect(single).toEqual([settlements[1], settlements[4]])
  })

  it.each<[string, Partial<Settlement>]>([
    ['was skipped', { transition: { state: 'skipped', reason: 'training' } }],
    [
      'has two documents',
      { transition: { state: 'delivered', documents: [document, { ...document, kind: 'picking' }] } },
    ],
    ['took two attempts', { attempts: 2 }],
    ['had an entry', { hadEntry: true }],
    ['lies behind the cursor that is written', { event: eventAt(1, 9) }],
    ['lies before the cursor of the lease', { event: eventAt(1, 1) }],
  ])('are none of an event that %s', (_, changes) => {
    const other = settled(1, 3, changes)
    const { batches, single } = split([settled(1, 4), other, settled(1, 5), settled(1, 6)], [[1, 6]], 2)
    expect([batches.length, single]).toEqual([1, [other]])
  })

  it('are none where the cursor stays', () => {
    const settlements = [settled(1, 1), settled(1, 2), settled(1, 3)]
    expect(splitBatches({ ...commitOf(settlements, [[1, 3]]), cursors: new Map() }, settlements).batches).toEqual([])
  })

  it('lose none and double none, and all of a batch are found by the cursor that is written with it', () => {
    const one = fc.record({
      shard: fc.integer({ min: 0, max: 3 }),
      position: fc.integer({ min: 1, max: 40 }),
      attempts: fc.integer({ min: 1, max: 2 }),
      hadEntry: fc.boolean(),
      documents: fc.integer({ min: 0, max: 2 }),
    })
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), (all) => {
        const settlements = all.map(({ shard, position, attempts, hadEntry, documents }) =>
          settled(shard, position, {
            ...{ attempts, hadEntry },
            transition: { state: 'delivered', documents: Array.from({ length: documents }, () => document) },
          }),
        )
        const commit = commitOf(
          settlements,
          [0, 1, 2].map((shard) => [shard, 30]),
          5,
        )
        const { batches, single } = splitBatches(commit, settlements)
        expect(new Set([...batches.flat(), ...single])).toEqual(new Set(settlements))
        expect(batches.flat().length + single.length).toBe(settlements.length)
        for (const batch of batches) {
          const shards = new Set(batch.map(({ event }) => event.shard))
          expect([shards.size, batch.length >= 3]).toEqual([1, true])
          for (const { event } of batch) {
            expect(comparePositions(event, { xid: '7', position: '5' })).toBeGreaterThan(0)
            expect(comparePositions(event, { xid: '7', position: '30' })).toBeLessThanOrEqual(0)
          }
        }
      }),
    )
  })

  it('say once what all have alike, and nothing that none has', () => {
    const of = (documentId: string, kind: string, amount: string) =>
      settled(1, Number(documentId), { transition: { state: 'delivered', documents: [{ documentId, kind, amount }] } })
    const columns = batchColumns([[of('1', 'sale', '5'), of('2', 'sale', '7')]])
    expect(columns).toEqual([[2], ['{1-1,1-2}'], ['{1,2}'], ['{sale}'], ['{5,7}'], [null], [null], [null]])
  })
})
