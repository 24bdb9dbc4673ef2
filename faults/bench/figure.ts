/** What one run of an invariant, or of its control, came to. */
export interface Figure {
  /** How often the promise was put to the test. */
  runs: number
  /** What was counted, in a few words. */
  text: string
  /** Every way in which the promise was broken; empty when it was kept. */
  broken: string[]
  /** Why the run proves nothing, such as a fault that never struck; empty when it does. */
  blind: string[]
}

/** A figure from its checks: a line of `broken` or `blind` counts where its condition holds. */
export function makeFigure(options: {
  runs: number
  text: string
  broken: Record<string, boolean>
  blind?: Record<string, boolean>
}): Figure {
  const { runs, text, broken, blind = {} } = options
  return { runs, text, broken: namesOf(broken), blind: namesOf({ ...blind, 'nothing was tried': runs === 0 }) }
}

function namesOf(checks: Record<string, boolean>): string[] {
  return Object.entries(checks).flatMap(([name, holds]) => (holds ? [name] : []))
}
