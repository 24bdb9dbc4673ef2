import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../contract/clock.ts'
import { GroupedCalls } from './grouped-calls.ts'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('calls in groups', () => {
  it('never has one lane in two groups, and commits each lane in its order', async () => {
    const lanes = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(
        lanes,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 3 }),
        async (keys, groupSizeMax, groupsInFlightMax) => {
          const onTheirWay = new Map<string, number>()
          const committed: string[] = []
          let turn = 0
          const queue = new GroupedCalls<string, string>(
            async (group) => {
              const own = new Set(group.map((entry) => entry.slice(0, 1)))
              for (const lane of own) {
                expect(onTheirWay.get(lane) ?? 0).toBe(0)
                onTheirWay.set(lane, 1)
              }
              turn += 1
              for (let wait = 0; wait < turn % 3; wait += 1) await tick()
              for (const lane of own) onTheirWay.set(lane, 0)
              committed.push(...group)
              return group
            },
            { groupSizeMax, groupsInFlightMax, queueMax: 1_000, clock: systemClock },
          )
          const entries = keys.map((lane, index) => `${lane}${index}`)
          expect(await Promise.all(entries.map((entry) => queue.add(entry, entry.slice(0, 1))))).toEqual(entries)
          await queue.settled()
          for (const lane of new Set(keys)) {
            expect(committed.filter((entry) => entry.startsWith(lane))).toEqual(
              entries.filter((entry) => entry.startsWith(lane)),
            )
          }
        },
      ),
    )
  })

  it('answers each entry by itself, and everybody when the commit fails', async () => {
    const options = { groupSizeMax: 10, groupsInFlightMax: 1, queueMax: 10, clock: systemClock }
    const one = new GroupedCalls<number, number>(
      async (group) => group.map((entry) => (entry === 2 ? new Error('two') : entry)),
      options,
    )
    const results = await Promise.allSettled([1, 2, 3].map((entry) => one.add(entry, String(entry))))
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const all = new GroupedCalls<number, number>(() => Promise.reject(new Error('away')), options)
    const failed = await Promise.allSettled([1, 2].map((entry) => all.add(entry, String(entry))))
    expect(failed.map((result) => result.status)).toEqual(['rejected', 'rejected'])
  })

  it('refuses what would wait too long', async () => {
    const full = new GroupedCalls<number, number>(async (group) => group, {
      groupSizeMax: 1,
      groupsInFlightMax: 1,
      queueMax: 1,
      clock: systemClock,
    })
    const results = await Promise.allSettled([1, 2, 3].map((entry) => full.add(entry, 'x')))
    expect(results.filter((result) => result.status === 'rejected').length).toBeGreaterThan(0)
  })
})
