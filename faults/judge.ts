import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, type BenchOptions, type Profile, withBench } from './bench/bench.ts'
import type { Figure } from './bench/figure.ts'
import type { Invariant } from './invariants/invariant.ts'
import type { Verdict } from './report.ts'

/** Longest time of a run or a control; whatever hangs is stopped then. */
const minutesMax: Record<Profile, number> = { quick: 8, nightly: 50 }

type Surroundings = Omit<BenchOptions, 'name'>

/** The attack on the hub as it is, and the same attack on one that breaks the promise. */
export const halves = ['run', 'control'] as const
export type Half = (typeof halves)[number]

export interface Attempt {
  figure: Figure
  /** With everything that had to be started for it. */
  seconds: number
}

/** What came of both halves. */
export function judge(invariant: Invariant, profile: Profile, { run, control }: Record<Half, Attempt>): Verdict {
  const { id, promise, controlBreaks, nightlyControlBreaks = [] } = invariant
  const { figure } = run
  const mustBreak = profile === 'nightly' ? [...controlBreaks, ...nightlyControlBreaks] : controlBreaks
  const wrong = [...figure.broken, ...figure.blind]
  const isCaught = control.figure.blind.length === 0 && mustBreak.every((line) => control.figure.broken.includes(line))
  return {
    id,
    promise,
    runs: figure.runs,
    figure: wrong.length > 0 ? `${figure.text} [${wrong.join('; ')}]` : figure.text,
    kept: wrong.length === 0,
    negativeControlCaught: isCaught,
    seconds: { run: run.seconds, control: control.seconds },
  }
}

/** What proves nothing: neither that a promise is kept, nor that a control was noticed. */
export function provesNothing(why: string, detail = ''): Figure {
  return { runs: 0, text: `${why}${detail}`, broken: [], blind: [why] }
}

/** Attacks an invariant or its control. A bench that breaks down proves nothing. */
export async function attempt(invariant: Invariant, half: Half, surroundings: Surroundings): Promise<Attempt> {
  const startedAt = performance.now()
  const say = (text: string) => surroundings.say(`${invariant.id.padEnd(4)} ${half.padEnd(8)} ${text}`)
  const options = { ...surroundings, name: `${invariant.id} ${half}` }
  const figure = await withBench(options, (bench) => inTime(bench, invariant[half](bench))).catch((error: unknown) =>
    provesNothing('the bench itself failed', `: ${error instanceof Error ? error.message : String(error)}`),
  )
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10
  const marks = [...figure.broken, ...figure.blind].map((one) => ` [${one}]`).join('')
  say(`${seconds.toFixed(1).padStart(6)} s  ${figure.text}${marks}`)
  return { figure, seconds }
}

async function inTime(bench: Bench, work: Promise<Figure>): Promise<Figure> {
  const minutes = minutesMax[bench.profile]
  const over = new AbortController()
  bench.defer(() => over.abort())
  const late = sleep(minutes * 60_000, undefined, { signal: over.signal, ref: false })
  return Promise.race([work, late.then(() => Promise.reject(new Error(`it took longer than ${minutes} minutes`)))])
}
