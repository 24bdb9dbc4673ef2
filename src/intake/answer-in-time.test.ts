import { describe, expect, it } from 'vitest'
import { isProblem, Problem } from '../contract/problem.ts'
import { GroupedCalls } from '../database/grouped-calls.ts'
import { Process, World } from '../testing/simulation/world.ts'

const answerWithinMs = 1_000
const schedules = 300

/** What became of an entry, when, and when it was taken to be committed. */
interface Outcome {
  addedAtMs: number
  takenAtMs?: number
  committed?: true
  answers: { recorded: boolean; atMs: number }[]
}

interface Queue {
  add(entry: number, lane: string): Promise<number>
}

type MakeQueue = (commit: (entries: number[]) => Promise<number[]>, clock: ReturnType<World['clockOf']>) => Queue

const options = { groupSizeMax: 3, groupsInFlightMax: 2, queueMax: 1_000 }
const taken: MakeQueue = (commit, clock) => new GroupedCalls(commit, { ...options, answerWithinMs, clock })

/** What must not be: the time is looked at outside, and the entry stays in the queue. */
const answeredAndLeft: MakeQueue = (commit, clock) => {
  const queue = new GroupedCalls(commit, { ...options, clock })
  const late = async () => {
    await clock.sleep(answerWithinMs)
    throw new Problem('temporary-reduced-capacity')
  }
  return { add: (entry, lane) => Promise.race([queue.add(entry, lane), late()]) }
}

/** Tills that send at random to a database whose commits take from no time to three times as long as an entry may wait. */
async function run(seed: number, makeQueue: MakeQueue): Promise<Outcome[]> {
  const world = new World(seed)
  const hub = new Process('hub')
  const clock = world.clockOf(hub)
  const outcomes: Outcome[] = []
  const queue = makeQueue(async (entries) => {
    for (const entry of entries) Object.assign(outcomes[entry] ?? {}, { takenAtMs: world.now })
    await clock.sleep(world.random.next() ** 3 * 3 * answerWithinMs)
    for (const entry of entries) Object.assign(outcomes[entry] ?? {}, { committed: true })
    return entries
  }, clock)
  const tills = world.clockOf(new Process('tills'))
  const count = 40
  for (let entry = 0; entry < count; entry += 1) {
    void (async () => {
      await tills.sleep(world.random.next() * 2_000)
      // Now and then nothing of the hub goes on for a while, its timers neither.
      if (world.chance(0.1)) hub.asleepUntil = world.now + world.random.next() * 2 * answerWithinMs
      const outcome: Outcome = { addedAtMs: world.now, answers: [] }
      const place = outcomes.push(outcome) - 1
      const recorded = await queue.add(place, String(place % 5)).then(
        () => true,
        (error: unknown) => {
          if (!isProblem(error) || error.code !== 'temporary-reduced-capacity') throw error
          return false
        },
      )
      outcome.answers.push({ recorded, atMs: world.now })
    })()
  }
  const isOver = () => outcomes.length === count && outcomes.every(({ answers }) => answers.length > 0)
  await world.run(isOver, 10_000)
  // Whatever would still be recorded late has its time.
  await world.run(() => false, 10_000)
  return outcomes
}

function judge(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ addedAtMs, takenAtMs, committed, answers }, entry) => {
    const broken: string[] = []
    const [answer] = answers
    if (!answer || answers.length > 1) broken.push(`${entry} has ${answers.length} answers`)
    else if (answer.recorded !== (committed ?? false)) broken.push(`${entry} was told what is not so`)
    else if (!answer.recorded && takenAtMs !== undefined) broken.push(`${entry} was refused on its way`)
    else if (!answer.recorded && answer.atMs < addedAtMs + answerWithinMs) broken.push(`${entry} was refused early`)
    if (takenAtMs !== undefined && takenAtMs >= addedAtMs + answerWithinMs) broken.push(`${entry} was taken late`)
    return broken
  })
}

describe('an entry whose time is over', () => {
  it(`is never recorded after its refusal, in ${schedules} schedules`, { timeout: 60_000 }, async () => {
    let refused = 0
    let recorded = 0
    for (let seed = 1; seed <= schedules; seed += 1) {
      const outcomes = await run(seed, taken)
      const broken = judge(outcomes)
      if (broken.length > 0) expect.fail(`seed ${seed}: ${broken.join('; ')}`)
      for (const { answers } of outcomes) {
        if (answers[0]?.recorded) recorded += 1
        else refused += 1
      }
    }
    expect(refused).toBeGreaterThan(schedules)
    expect(recorded).toBeGreaterThan(schedules)
  })

  it('would be, if it were answered and left in the queue', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= schedules; seed += 1) {
      if (judge(await run(seed, answeredAndLeft)).some((one) => one.includes('told what is not so'))) return
    }
    expect.fail('nobody noticed')
  })
})
