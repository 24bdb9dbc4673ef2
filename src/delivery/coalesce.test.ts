import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventTypes, type JournalEvent, stateEventTypes } from '../journal/event.ts'
import { coalesce } from './coalesce.ts'
import type { LaneItem } from './lane.ts'

let number = 0
function item(eventType: JournalEvent['eventType'], subject: string, more: Partial<LaneItem> = {}): LaneItem {
  number += 1
  const event: JournalEvent = {
    eventId: `e${number}`,
    xid: '1',
    position: String(number),
    shard: 0,
    eventType,
    subject,
    orderingKey: 'k',
    dependsOn: [],
    data: {},
    traceparent: undefined,
    recordedAt: new Date(0),
  }
  return { event, origin: 'new', attempts: 0, kind: 'send', deadlinePassed: false, ...more }
}
const stock = (subject: string, more?: Partial<LaneItem>) => item(stateEventTypes.stockLevelChanged, subject, more)
const subjectsOf = (items: readonly { event: JournalEvent }[]) => items.map(({ event }) => event.eventId)

describe('states of one lane', () => {
  it('are left out when a later one of their subject is there, and named as superseded', () => {
    const items = [stock('a'), stock('b'), stock('a', { origin: 'entry', attempts: 2 }), stock('a')]
    const { kept, superseded } = coalesce(items)
    expect(subjectsOf(kept)).toEqual([items[1]?.event.eventId, items[3]?.event.eventId])
    const reason = `superseded-by ${items[3]?.event.eventId}`
    expect(superseded).toEqual([
      { event: items[0]?.event, transition: { state: 'skipped', reason }, attempts: 0, hadEntry: false },
      { event: items[2]?.event, transition: { state: 'skipped', reason }, attempts: 2, hadEntry: true },
    ])
  })

  it('are looked for first when they were sent and their answer was lost', () => {
    const items = [stock('a', { origin: 'entry', kind: 'look-up' }), stock('a')]
    expect(coalesce(items)).toEqual({ kept: items, superseded: [] })
  })

  it('of another type or subject stay', () => {
    const items = [stock('a'), item(stateEventTypes.catalogueItemChanged, 'a'), stock('b')]
    expect(coalesce(items)).toEqual({ kept: items, superseded: [] })
  })
})

it('no sale is ever left out, whatever stands in its lane', () => {
  const types = fc.constantFrom(eventTypes.recorded, stateEventTypes.stockLevelChanged)
  const anyItems = fc.array(fc.tuple(types, fc.constantFrom('a', 'b'), fc.boolean()), { maxLength: 20 })
  fc.assert(
    fc.property(anyItems, (some) => {
      const items = some.map(([type, subject, isEntry]) => item(type, subject, { origin: isEntry ? 'entry' : 'new' }))
      const { kept, superseded } = coalesce(items)
      const sales = items.filter(({ event }) => event.eventType === eventTypes.recorded)
      expect(kept.filter(({ event }) => event.eventType === eventTypes.recorded)).toEqual(sales)
      expect(new Set([...subjectsOf(kept), ...subjectsOf(superseded)])).toEqual(new Set(subjectsOf(items)))
      // The last word on every subject is sent.
      for (const subject of ['a', 'b']) {
        const last = items.findLast(({ event }) => event.subject === subject)
        if (last) expect(kept).toContain(last)
      }
      expect(subjectsOf(kept)).toEqual(subjectsOf(items.filter((one) => kept.includes(one))))
    }),
  )
})
