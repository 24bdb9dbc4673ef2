import { type Mutant, runSchedule } from '../../src/delivery/simulation/schedule.ts'
import type { IntakeMutant } from '../../src/intake/simulation/memory-store.ts'
import { runIntakeSchedule } from '../../src/intake/simulation/schedule.ts'
import type { Bench } from '../bench/bench.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import type { Invariant } from './invariant.ts'

const deliveryMutants: readonly Mutant[] = [
  'ignore-fence',
  'two-owners',
  'forget-queued',
  'forget-pause',
  'late-pause',
  'blind-resend',
  'blind-steps',
  'retry-does-not-hold',
]
const intakeMutants: readonly IntakeMutant[] = ['check-then-insert', 'overwrite', 'answer-before-commit']
/** Within so many schedules a planted fault must be found. */
const searchedMax = 2_000

/** Random schedules of the hub's own code against a clock, a dice and a store of the simulation. */
async function run(bench: Bench): Promise<Figure> {
  const schedules = bench.choose({ quick: 500, nightly: 10_000 })
  const broken: string[] = []
  for (let index = 0; index < schedules; index += 1) {
    const seed = bench.seed + index
    for (const found of await runSchedule(seed)) broken.push(`delivery, seed ${seed}: ${found}`)
    for (const found of await runIntakeSchedule(seed)) broken.push(`intake, seed ${seed}: ${found}`)
  }
  const text = `${schedules} random schedules each of delivery and intake: ${broken.length} broke a promise`
  return { ...makeFigure({ runs: 2 * schedules, text, broken: {} }), broken: broken.slice(0, 5) }
}

/** Every planted fault must be found: one that nobody sees would make the others worth little. */
async function control(bench: Bench): Promise<Figure> {
  const missed: string[] = []
  const search = async (name: string, runOne: (seed: number) => Promise<string[]>) => {
    for (let index = 0; index < searchedMax; index += 1) if ((await runOne(bench.seed + index)).length > 0) return
    missed.push(name)
  }
  for (const mutant of deliveryMutants) await search(mutant, (seed) => runSchedule(seed, mutant))
  for (const mutant of intakeMutants) await search(mutant, (seed) => runIntakeSchedule(seed, mutant))
  const planted = deliveryMutants.length + intakeMutants.length
  return makeFigure({
    runs: planted,
    text: `${planted - missed.length} of ${planted} planted faults found`,
    broken: { 'promises are broken': missed.length === 0 },
    blind: { [`nobody noticed ${missed.join(', ')}`]: missed.length > 0 },
  })
}

export const simulation: Invariant = {
  id: 'I27',
  promise: 'No random schedule of crashes, stalls, lost answers and refusals breaks intake or delivery',
  controlBreaks: ['promises are broken'],
  run,
  control,
}
