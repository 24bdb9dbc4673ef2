import { describe, expect, it } from 'vitest'
import { systemClock } from '../../contract/clock.ts'
import type { Connection } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { eventTypes } from '../../journal/event.ts'
import { makeSale } from '../../testing/receipts.ts'
import type { Settlement } from '../store.ts'
import { compareDocuments } from './compare-documents.ts'
import { startShadow } from './shadow.ts'
import { emptyTally, type ShadowTally } from './tally.ts'

describe('two documents', () => {
  it.each<[unknown, unknown, object[]]>([
    [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, []],
    [{ a: undefined }, {}, []],
    [{ a: new Date(0) }, { a: '1970-01-01T00:00:00.000Z' }, []],
    [undefined, undefined, []],
    [{ a: '1.00' }, { a: 1 }, [{ field: 'a', live: '"1.00"', shadow: '1' }]],
    [{ a: null }, {}, [{ field: 'a', live: 'null', shadow: undefined }]],
    [
      { l: [{ x: 1 }, { x: 2 }] },
      { l: [{ x: 1 }, { x: 3 }, { x: 4 }] },
      [
        { field: 'l.length', live: '2', shadow: '3' },
        { field: 'l[].x', live: '2', shadow: '3' },
      ],
    ],
    [{ a: 1 }, undefined, [{ field: '', live: '{"a":1}', shadow: undefined }]],
    [
      [1, 2],
      [2, 1],
      [
        { field: '[]', live: '1', shadow: '2' },
        { field: '[]', live: '2', shadow: '1' },
      ],
    ],
  ])('%j and %j', (live, shadow, expected) => {
    expect(compareDocuments(live, shadow)).toEqual(expected)
  })

  it('are compared up to a bound', () => {
    const many = (value: number) => Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, value]))
    expect(compareDocuments(many(1), many(2))).toHaveLength(50)
    expect(compareDocuments({ a: 'x'.repeat(1_000) }, {})[0]?.live).toHaveLength(200)
  })
})

const settlement = (state: 'delivered' | 'retry' | 'parked'): Settlement => ({
  event: {
    eventId: 'e',
    xid: '1',
    position: '1',
    shard: 0,
    eventType: eventTypes.recorded,
    subject: 's',
    orderingKey: 'k',
    dependsOn: [],
    data: { transaction: makeSale(1), findings: [] },
    traceparent: undefined,
    recordedAt: new Date(0),
  },
  transition: { state, documents: [], delayMs: 1, reason: '', reasonCode: 'rejected' } as Settlement['transition'],
  attempts: 1,
  hadEntry: false,
  attempt: { outcome: state, durationMs: 1 },
})

describe('what a shadow is shown', () => {
  const features = { idempotent: true, lookUp: false }
  const connection: Connection = { features, preview: () => ({ a: 1 }) }
  const shadowOf = (
    found: ShadowTally,
    preview: NonNullable<Connection['preview']> = () => ({ a: 1 }),
    clock = systemClock,
  ) =>
    startShadow({
      live: connection,
      shadow: { features, preview },
      clock,
      logger: silentLogger,
      write: async (tally) => {
        for (const [name, number] of Object.entries(tally.counts)) found.counts[name as 'same'] += number
      },
    })

  it('is dropped and counted when it comes faster than it can be compared, and delivery does not wait', async () => {
    const found = emptyTally()
    let translations = 0
    const shadow = shadowOf(found, () => {
      translations += 1
      return { a: 1 }
    })
    // All of it in one turn of the event loop: nothing can be compared meanwhile.
    for (let index = 0; index < 5_000; index += 1) shadow.note(settlement('delivered'))
    expect(translations).toBe(0)
    await shadow.stop()
    expect(found.counts).toEqual({ same: 1_000, different: 0, failed: 0, dropped: 4_000 })
  })

  it('is awaited where a translation is asynchronous, on either side, and does not take a promise for a document', async () => {
    const found = emptyTally()
    const shadow = shadowOf(found, async () => ({ a: 2 }))
    shadow.note(settlement('delivered'))
    await shadow.stop()
    expect(found.counts).toEqual({ same: 0, different: 1, failed: 0, dropped: 0 })
    const same = emptyTally()
    const other = shadowOf(same, async () => ({ a: 1 }))
    other.note(settlement('delivered'))
    await other.stop()
    expect(same.counts).toEqual({ same: 1, different: 0, failed: 0, dropped: 0 })
  })

  it('has failed where a translation is refused later, or never comes, and does not keep the hub from its end', async () => {
    const refused = emptyTally()
    const one = shadowOf(refused, () => Promise.reject(new Error('no such field')))
    one.note(settlement('delivered'))
    await one.stop()
    expect(refused.counts).toMatchObject({ same: 0, failed: 1 })
    const late = emptyTally()
    let now = 0
    // A clock that runs: a wait is over at once.
    const sleep = async (ms: number) => {
      now += ms
    }
    const clock = { now: () => now, sleep }
    const other = shadowOf(late, () => new Promise(() => {}), clock)
    for (let index = 0; index < 10; index += 1) other.note(settlement('delivered'))
    await other.stop()
    expect(late.counts.failed).toBeGreaterThan(0)
    expect(late.counts.failed + late.counts.dropped).toBe(10)
  })

  it('is an event that came to its end, once', async () => {
    const found = emptyTally()
    const shadow = shadowOf(found)
    shadow.note(settlement('retry'))
    shadow.note(settlement('parked'))
    const { attempt: _, ...untried } = settlement('parked')
    shadow.note(untried)
    await shadow.stop()
    expect(found.counts).toMatchObject({ same: 1 })
  })
})
