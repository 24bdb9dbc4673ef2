import { expect, it } from 'vitest'
import type { JournalEvent } from '../../journal/event.ts'
import { loadTogether } from './load-together.ts'

const eventOf = (eventId: string) => ({ eventId }) as JournalEvent

it('reads once what several targets want at the same time, gives each its own, and keeps nothing', async () => {
  const asked: string[][] = []
  const load = loadTogether(async (eventIds) => {
    asked.push([...eventIds])
    return eventIds.filter((eventId) => eventId !== 'gone').map(eventOf)
  })
  const answers = await Promise.all([load(['a', 'b']), load(['b', 'gone']), load(['a'])])
  expect(answers.map((events) => events.map(({ eventId }) => eventId))).toEqual([['a', 'b'], ['b'], ['a']])
  expect(asked).toEqual([['a', 'b', 'gone']])
  await load(['a'])
  expect(asked).toHaveLength(2)
})

it('fails all that it was read for, and none that come later', async () => {
  let isAway = true
  const load = loadTogether(async (eventIds) => {
    if (isAway) throw new Error('PostgreSQL is away')
    return eventIds.map(eventOf)
  })
  const answers = await Promise.allSettled([load(['a']), load(['b'])])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isAway = false
  expect(await load(['a'])).toEqual([eventOf('a')])
})
