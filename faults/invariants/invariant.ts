import type { Bench, Profile } from '../bench/bench.ts'
import type { Figure } from '../bench/figure.ts'

/** A promise that can be broken, the attack on it, and the proof that the attack would show it. */
export interface Invariant {
  id: `I${number}`
  /** What is promised, in one sentence. */
  promise: string
  /** Where it runs unless it is asked for by its number; default: everywhere. */
  profiles?: readonly Profile[]
  /** Nothing else is attacked meanwhile, since what it measures depends on it. */
  alone?: true
  /** Most of its time nothing happens: others are attacked meanwhile. */
  waitsLong?: true
  /** Lines of the control's figure that must all be broken: a control that breaks by another line proves nothing of these. */
  controlBreaks: readonly [string, ...string[]]
  /** Further lines of a nightly control, whose attack has more parts. */
  nightlyControlBreaks?: readonly string[]
  /** Attacks the hub as it is shipped. */
  run(bench: Bench): Promise<Figure>
  /** The same attack and the same check on a hub with one part replaced, or in an unsafe surrounding: the promise must be seen to break. */
  control(bench: Bench): Promise<Figure>
}
