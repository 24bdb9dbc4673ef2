import type { GuardState } from '../delivery/guards/read-guards.ts'
import { printLine } from './print.ts'

interface Guarded {
  name: string
  guard: GuardState
}

/** Says of every target that is not sent everything at once why, and when it goes on. */
export function printGuards(targets: readonly Guarded[]): void {
  for (const { name, guard } of targets) {
    const { breaker, openedAt, probeAt, heldUntil, heldReason } = guard
    if (heldUntil) printLine(`${name} is held until ${heldUntil.toISOString()}: ${heldReason}`)
    if (breaker === 'closed') continue
    const next = breaker === 'half-open' ? 'a probe is on its way' : `next probe at ${probeAt?.toISOString() ?? 'once'}`
    printLine(`${name} seems down since ${openedAt?.toISOString()}; ${next}`)
  }
}
