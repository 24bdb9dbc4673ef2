import { expect, it } from 'vitest'
import { systemClock } from '../../../contract/clock.ts'
import { askAtTimes } from './ask-at-times.ts'

function start() {
  let nowMs = 0
  let asked = 0
  const waiting: { answer(text: string): void; fail(error: Error): void }[] = []
  const find = askAtTimes<string>(
    () =>
      new Promise((resolve, reject) => {
        asked += 1
        waiting.push({ answer: resolve, fail: reject })
      }),
    { ageMaxMs: 600_000, pauseMs: 3_000, clock: { ...systemClock, now: () => nowMs } },
  )
  const next = () => waiting.shift() ?? expect.fail('nobody was asked')
  return { find, next, asked: () => asked, wait: (ms: number) => (nowMs += ms) }
}

it('asks once for all who want to know at the same time, and again when the answer is old', async () => {
  const { find, next, asked, wait } = start()
  const all = [find('a'), find('a'), find('a')]
  expect(asked()).toBe(1)
  next().answer('one')
  expect(await Promise.all(all)).toEqual(['one', 'one', 'one'])
  expect(await find('a')).toBe('one')
  wait(600_000)
  const again = [find('a'), find('a')]
  expect(asked()).toBe(2)
  next().answer('two')
  expect(await Promise.all(again)).toEqual(['two', 'two'])
})

it('leaves who failed alone for a while, and says so at once', async () => {
  const { find, next, asked, wait } = start()
  const all = [find('a'), find('a')]
  next().fail(new Error('away'))
  for (const one of await Promise.allSettled(all)) expect(one).toMatchObject({ reason: { message: 'away' } })
  wait(2_999)
  await expect(find('a')).rejects.toThrow('away')
  expect(asked()).toBe(1)
  // Somebody else did not fail.
  const other = find('b')
  next().answer('other')
  expect(await other).toBe('other')
  wait(1)
  const now = find('a')
  next().answer('back')
  expect(await now).toBe('back')
})

it('keeps to the last answer while asking again fails', async () => {
  const { find, next, asked, wait } = start()
  const first = find('a')
  next().answer('one')
  await first
  wait(600_000)
  const again = find('a')
  next().fail(new Error('away'))
  expect([await again, await find('a'), asked()]).toEqual(['one', 'one', 2])
})
