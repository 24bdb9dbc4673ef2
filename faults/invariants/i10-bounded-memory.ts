import { readTargetStatus } from '../../src/delivery/status.ts'
import { type Appended, appendedKeys, appendingTills } from '../bench/append.ts'
import { booked, comeBack, deliverWhileSelling, fillUp, openScene, type Scene } from '../bench/backlog.ts'
import type { Bench } from '../bench/bench.ts'
import { findMissing, quantile } from '../bench/checker.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { type IntakeTimes, measureIntake } from '../bench/measure-intake.ts'
import { peakOf } from '../bench/memory.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const growthMaxMebibytes = 64
/** What is promised, and held to over the long backlog of a night. */
const promised: Pace = { slowerIntakeMax: 2, drainShareMin: 0.8 }
/** A short backlog is over before a busy machine has come to rest: it tells a loss of half from noise, and no less. */
const short: Pace = { slowerIntakeMax: 4, drainShareMin: 0.5 }
const warmUpPosts = 200
/** The median of so many rates, so that a moment in which the machine did something else does not decide. */
const timedTimes = 3

interface Pace {
  slowerIntakeMax: number
  drainShareMin: number
}

interface Sizes {
  pace: Pace
  backlog: number
  /** Events of the warm-up. */
  warmUp: number
  /** Events whose delivery is timed at once; several times without the backlog, and with it. */
  timed: number
  posts: number
  goodsLines: number
}

/** Tills sell while the target takes everything, while it is away for the whole of a backlog, and while it takes that too. */
async function attack(bench: Bench, sizes: Sizes, mutant?: MutantName): Promise<Figure> {
  const { backlog, warmUp, timed, posts, goodsLines } = sizes
  const scene = await openScene(bench, mutant)
  const { erp, client, programs } = scene
  let last = 0
  let taken = 0
  const next = (events: number): Appended => {
    const first = last + 1
    last += events / appendingTills
    taken += events
    return { first, last, goodsLines }
  }
  const post = async (first: number, count: number) => {
    const times = await measureIntake(client, first, count)
    taken += times.acknowledged
    return times
  }
  const rate = async () => {
    const rates: number[] = []
    while (rates.length < timedTimes) rates.push(await deliverWhileSelling(scene, next(timed)))
    return quantile(rates, 0.5)
  }
  let cleanPerSecond = 0
  let up: IntakeTimes | undefined
  const before = await peakOf(programs, async () => {
    // Everybody has been at full work, and in a small outage, before anything is measured.
    await fillUp(scene, next(warmUp))
    await comeBack(scene)
    await post(1, warmUpPosts)
    await booked(scene, taken, warmUp)
    cleanPerSecond = await rate()
    up = await post(1_000_000, posts)
    await booked(scene, taken, posts)
  })
  let down: IntakeTimes | undefined
  let backlogPerSecond = 0
  let restPerSecond = 0
  const peaks = await peakOf(programs, async () => {
    await fillUp(scene, next(backlog))
    down = await post(2_000_000, posts)
    await comeBack(scene)
    backlogPerSecond = await rate()
    const seconds = scene.machineTime()
    const rest = taken - (await erp.countEffects())
    const isDrained = await booked(scene, taken, backlog)
    restPerSecond = isDrained ? rest / seconds() : 0
  })
  return describe(scene, sizes.pace, {
    last,
    backlog,
    cleanPerSecond,
    backlogPerSecond,
    restPerSecond,
    before,
    peaks,
    up,
    down,
  })
}

interface Course {
  /** The last number of every till. */
  last: number
  backlog: number
  cleanPerSecond: number
  backlogPerSecond: number
  restPerSecond: number
  /** The most MiB of each process, before the backlog and while it came and went. */
  before: readonly number[]
  peaks: readonly number[]
  up: IntakeTimes | undefined
  down: IntakeTimes | undefined
}

async function describe({ database, erp, programs }: Scene, pace: Pace, course: Course): Promise<Figure> {
  const { last, backlog, cleanPerSecond, backlogPerSecond, restPerSecond, before, peaks, up, down } = course
  const missing = findMissing(
    appendedKeys(1, last),
    (await erp.effects()).map(({ reference }) => reference),
  ).length
  const left = (await readTargetStatus(database.pool)).reduce((sum, { pending, parked }) => sum + pending + parked, 0)
  const died = programs.filter((program) => !program.isRunning).map(({ name }) => name)
  const slower = (down?.p95Ms ?? Number.POSITIVE_INFINITY) / (up?.p95Ms ?? 0)
  const share = Math.min(backlogPerSecond, restPerSecond) / cleanPerSecond
  const grown = peaks.map((peak, index) => peak - (before[index] ?? 0))
  const grew = programs
    .map(
      ({ name }, index) =>
        `${name} ${Math.round(before[index] ?? 0)} MiB before, ${Math.round(peaks[index] ?? 0)} with it`,
    )
    .join(', ')
  return makeFigure({
    runs: backlog,
    text: `a backlog of ${backlog} events: ${grew} (at most)${died.length > 0 ? `, ${died.join(', ')} died` : ''}; p95 of intake ${down?.p95Ms.toFixed(1)} ms against ${up?.p95Ms.toFixed(1)} ms with the target up (${slower.toFixed(2)}); ${Math.round(backlogPerSecond)} events/s delivered from it against ${Math.round(cleanPerSecond)} without it, while as many came in, and the rest of it at ${Math.round(restPerSecond)} (${share.toFixed(2)}), ${missing} missing, ${left} left`,
    broken: {
      'a backlog cost memory': Math.max(...grown) > growthMaxMebibytes || died.length > 0,
      'a backlog slowed the intake': slower > pace.slowerIntakeMax || (up?.refused ?? 1) + (down?.refused ?? 1) > 0,
      'a backlog slowed delivery': share < pace.drainShareMin,
      'the backlog did not drain': restPerSecond === 0 || missing > 0 || left > 0,
    },
    blind: { 'the clean run did not come to its end': cleanPerSecond === 0 },
  })
}

export const boundedMemory: Invariant = {
  id: 'I10',
  promise:
    'A backlog costs disk: no process grows, tills do not wait for it, and events are delivered from it as fast as without it',
  controlBreaks: ['a backlog cost memory', 'a backlog slowed the intake', 'a backlog slowed delivery'],
  alone: true,
  run: (bench) =>
    attack(
      bench,
      bench.choose({
        quick: { pace: short, backlog: 10_000, warmUp: 20_000, timed: 1_500, posts: 300, goodsLines: 10 },
        nightly: { pace: promised, backlog: 1_000_000, warmUp: 20_000, timed: 20_000, posts: 1_500, goodsLines: 1 },
      }),
    ),
  control: (bench) =>
    attack(
      bench,
      { pace: short, backlog: 8_000, warmUp: 1_500, timed: 500, posts: 50, goodsLines: 30 },
      'felt-backlog',
    ),
}
