import type { Profile } from './bench/bench.ts'

/** What the bench says of one invariant. */
export interface Verdict {
  id: string
  promise: string
  runs: number
  /** What was counted, or what went wrong. */
  figure: string
  kept: boolean
  /** The same attack on a hub that breaks the promise was noticed: the bench is not blind. */
  negativeControlCaught: boolean
  /** How long the attack took, and that on the control; several are under way at the same time. */
  seconds: { run: number; control: number }
}

export interface Report {
  profile: Profile
  seed: number
  invariants: Verdict[]
}

export function isGood({ invariants }: Report): boolean {
  return invariants.every((one) => one.kept && one.negativeControlCaught)
}

/** The report as people read it. */
export function formatTable({ profile, seed, invariants }: Report): string {
  const lines = invariants.flatMap(({ id, promise, runs, figure, kept, negativeControlCaught, seconds }) => [
    `${kept ? 'kept  ' : 'BROKEN'}  ${negativeControlCaught ? 'control caught' : 'CONTROL MISSED'}  ${id.padEnd(4)} ${promise}`,
    `${' '.repeat(29)}${runs} runs in ${seconds.run} s, control in ${seconds.control} s: ${figure}`,
  ])
  const kept = invariants.filter((one) => one.kept).length
  const caught = invariants.filter((one) => one.negativeControlCaught).length
  const sum = `${kept} of ${invariants.length} promises kept, ${caught} of ${invariants.length} controls caught (profile ${profile}, seed ${seed})`
  return `${lines.join('\n')}\n${sum}\n`
}
