import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, type BenchOptions, type Profile, withBench } from './bench/bench.ts'
import type { Figure } from './bench/figure.ts'
import type { Invariant } from './invariants/invariant.ts'
import type { Verdict } from './report.ts'

/** Longest time of a run or a control; whatever hangs is stopped then. */
const minutesMax: Record<Profile, number> = { quick: 8, nightly: 50 }

type Surroundings = Omit<BenchOptions, 'name'>

/** Attacks an invariant, then its control, and says what came of both. */
export async function judge(invariant: Invariant, surroundings: Surroundings): Promise<Verdict> {
  const { id, promise } = invariant
  const figure = await attempt(invariant, 'run', surroundings)
  const control = await attempt(invariant, 'control', surroundings)
  const { controlBreaks, nightlyControlBreaks = [] } = invariant
  const mustBreak = surroundings.profile === 'nightly' ? [...controlBreaks, ...nightlyControlBreaks] : controlBreaks
  const kept = figure.broken.length === 0 && figure.blind.length === 0
  const wrong = [...figure.broken, ...figure.blind]
  return {
    id,
    promise,
    runs: figure.runs,
    figure: wrong.length > 0 ? `${figure.text} [${wrong.join('; ')}]` : figure.text,
    kept,
    negativeControlCaught: control.blind.length === 0 && mustBreak.every((line) => control.broken.includes(line)),
  }
}

/** A bench that breaks down proves nothing: neither that a promise is kept, nor that a control was noticed. */
async function attempt(invariant: Invariant, half: 'run' | 'control', surroundings: Surroundings): Promise<Figure> {
  const startedAt = performance.now()
  const say = (text: string) => surroundings.say(`${invariant.id.padEnd(4)} ${half.padEnd(8)} ${text}`)
  const options = { ...surroundings, name: `${invariant.id} ${half}` }
  const figure = await withBench(options, (bench) => inTime(bench, invariant[half](bench))).catch(
    (error: unknown): Figure => ({
      runs: 0,
      text: `the bench itself failed: ${error instanceof Error ? error.message : String(error)}`,
      broken: [],
      blind: ['the bench itself failed'],
    }),
  )
  const marks = [...figure.broken, ...figure.blind].map((one) => ` [${one}]`).join('')
  say(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${figure.text}${marks}`)
  return figure
}

async function inTime(bench: Bench, work: Promise<Figure>): Promise<Figure> {
  const minutes = minutesMax[bench.profile]
  const over = new AbortController()
  bench.defer(() => over.abort())
  const late = sleep(minutes * 60_000, undefined, { signal: over.signal, ref: false })
  return Promise.race([work, late.then(() => Promise.reject(new Error(`it took longer than ${minutes} minutes`)))])
}
