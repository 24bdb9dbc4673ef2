import type { Pool } from 'pg'
import { type GuardState, readGuardStates } from './guards/read-guards.ts'
import { readTargets, type TargetDrain, type TargetPause, type TargetState } from './targets.ts'

/**
 * Whether a target takes receipts now: what concerns every store alike. How many there are, and what the target said of one of them, may be
 * another store's and is not in it.
 */
export interface TargetCondition {
  name: string
  connector: string
  state: TargetState
  /** Why nothing is sent, when paused; without a reason where the target itself gave it. */
  pause?: Omit<TargetPause, 'reason'> & { reason?: string }
  /** Why it only gets what was recorded before, when draining. */
  drain?: TargetDrain
  /** Whether it seems down, or has asked for rest. */
  guard: Omit<GuardState, 'heldReason'>
}

export async function readTargetConditions(pool: Pool): Promise<TargetCondition[]> {
  const [targets, guards] = await Promise.all([readTargets(pool), readGuardStates(pool)])
  return targets.map(({ targetId, name, connector, state, pause, drain }) => {
    const { heldReason: _, ...guard } = guards.get(targetId) ?? ({ breaker: 'closed' } as const)
    return {
      ...{ name, connector, state },
      ...(pause && { pause: withoutTheirWords(pause) }),
      ...(drain && { drain }),
      guard,
    }
  })
}

function withoutTheirWords({ code, reason, since }: TargetPause): NonNullable<TargetCondition['pause']> {
  return code === 'operator' ? { code, reason, since } : { code, since }
}
