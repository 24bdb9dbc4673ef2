import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventTypes, type JournalEvent, stateEventTypes } from '../../journal/event.ts'
import { traitsOf } from '../../journal/event-traits.ts'
import { chooseWork } from './choose-work.ts'
import { ClassTurns } from './class-turns.ts'

const types = {
  sale: eventTypes.recorded,
  stock: stateEventTypes.stockLevelChanged,
  item: stateEventTypes.catalogueItemChanged,
  quarantined: eventTypes.quarantined,
} as const

function event(position: number, kind: keyof typeof types, key: string, shard = 0): JournalEvent {
  return {
    eventId: `${kind}-${position}`,
    xid: '1',
    position: String(position),
    shard,
    eventType: types[kind],
    subject: `${kind}/${key}`,
    orderingKey: `${kind}/${key}`,
    dependsOn: [],
    data: {},
    traceparent: undefined,
    recordedAt: new Date(0),
  }
}

const choose = (fresh: JournalEvent[], budget: number, more: { held?: string[]; heldLanesMax?: number } = {}) =>
  chooseWork(
    { fresh, due: [], released: [], heldKeys: new Set(more.held) },
    { budget, turns: new ClassTurns(), heldLanesMax: more.heldLanesMax ?? 100 },
  )
const ids = (events: readonly JournalEvent[]) => events.map(({ eventId }) => eventId)

describe('the turns of the classes', () => {
  it('go by weight, and leave out none', () => {
    const turns = new ClassTurns()
    const all = new Set(['sales', 'stock', 'catalogue'] as const)
    const taken = Array.from({ length: 210 }, () => turns.next(all))
    const count = (one: string) => taken.filter((turn) => turn === one).length
    expect([count('sales'), count('stock'), count('catalogue')]).toEqual([160, 40, 10])
    // Nobody waits for longer than one round.
    expect(taken.slice(0, 21)).toContain('catalogue')
    expect(turns.next(new Set(['catalogue']))).toBe('catalogue')
  })
})

describe('what a cycle takes of what it read, where the budget does not allow all', () => {
  it('sends sales before the stock that came earlier, and puts the stock aside', () => {
    const fresh = [event(1, 'stock', 'a'), event(2, 'stock', 'b'), event(3, 'sale', '1'), event(4, 'sale', '2')]
    const work = choose(fresh, 2)
    expect(ids(work.fresh)).toEqual(['sale-3', 'sale-4'])
    expect(ids(work.deferred)).toEqual(['stock-1', 'stock-2'])
    expect(work.passed).toHaveLength(4)
  })

  it('puts nothing aside where all are of one class: what is left is simply not read', () => {
    const fresh = Array.from({ length: 10 }, (_, index) => event(index, 'sale', `${index}`, index % 2))
    const sorted = fresh.toSorted((a, b) => a.shard - b.shard)
    const work = choose(sorted, 3)
    expect(ids(work.passed)).toEqual(ids(work.fresh))
    expect(work.fresh).toHaveLength(3)
    expect(work.deferred).toEqual([])
  })

  it('puts no more aside when too much waits outside the journal', () => {
    const fresh = [event(1, 'stock', 'a'), event(2, 'sale', '1')]
    const work = choose(fresh, 1, { held: ['x'], heldLanesMax: 1 })
    expect(ids(work.passed)).toEqual(['stock-1'])
    expect(work.deferred).toEqual([])
  })

  it('lets events of held lanes and events for nobody pass without a turn', () => {
    const fresh = [event(1, 'sale', '1'), event(2, 'quarantined', 'q'), event(3, 'sale', '2'), event(4, 'sale', '3')]
    const work = choose(fresh, 1, { held: ['sale/1'] })
    expect(ids(work.fresh)).toEqual(['sale-1', 'quarantined-2', 'sale-3'])
    expect(work.deferred).toEqual([])
  })

  it('takes the states of one subject together, since one of them is sent', () => {
    const fresh = [event(1, 'stock', 'a'), event(2, 'stock', 'a'), event(3, 'stock', 'a'), event(4, 'stock', 'b')]
    expect(ids(choose(fresh, 1).fresh)).toEqual(['stock-1', 'stock-2', 'stock-3'])
  })

  it('keeps the order of every key and loses nothing, whatever comes', () => {
    const kinds = fc.constantFrom<keyof typeof types>('sale', 'stock', 'item', 'quarantined')
    const anyEvents = fc.array(fc.record({ kind: kinds, key: fc.integer({ min: 0, max: 3 }), shard: fc.nat(2) }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(
        anyEvents,
        fc.integer({ min: 1, max: 8 }),
        fc.subarray(['sale/0', 'stock/1']),
        (some, budget, held) => {
          // A key is always in one shard.
          const all = some.map(({ kind, key }, index) => event(index, kind, String(key), key % 3))
          const fresh = all.toSorted((a, b) => a.shard - b.shard || Number(a.position) - Number(b.position))
          const work = choose(fresh, budget, { held })
          expect(new Set([...ids(work.fresh), ...ids(work.deferred)])).toEqual(new Set(ids(work.passed)))
          for (const shard of [0, 1, 2]) {
            const read = ids(fresh.filter((one) => one.shard === shard))
            const passed = ids(work.passed.filter((one) => one.shard === shard))
            expect(passed).toEqual(read.slice(0, passed.length))
          }
          const places = new Map(ids(fresh).map((id, place) => [id, place]))
          for (const later of work.fresh.filter((one) => traitsOf(one.eventType) && !held.includes(one.orderingKey))) {
            const overtaken = work.deferred.filter((one) => one.orderingKey === later.orderingKey)
            for (const one of overtaken) expect(places.get(one.eventId)).toBeGreaterThan(places.get(later.eventId) ?? 0)
          }
          const hasCandidates = fresh.some((one) => traitsOf(one.eventType) && !held.includes(one.orderingKey))
          if (hasCandidates) expect(work.fresh.length).toBeGreaterThan(0)
        },
      ),
    )
  })
})
