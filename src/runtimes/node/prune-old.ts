import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { pruneSteps } from '../../delivery/prune-steps.ts'
import { prunePlans } from '../../delivery/replay/prune-plans.ts'
import { planKeptMs } from '../../delivery/replay/replay.ts'
import { pruneProviderState } from '../../identity/provider-store.ts'
import { pruneSessions } from '../../identity/sessions.ts'
import { pruneTries } from '../../identity/tries.ts'
import { pruneUsedProofs } from '../../identity/used-proofs.ts'
import { applyRetention, type RetentionRule } from '../../privacy/erasure/retention.ts'
import { type Repeated, repeat } from './repeat.ts'

const everyMs = 600_000
/** A short transaction each: a long one would hold the readers of the journal back. */
const rowsMax = 1_000
const pauseMs = 50
/** Of each request that comes with a proof there is one, and nothing but its key. */
const proofsMax = 10_000

/** One portion of something old; true when there is more of it. */
type Portion = () => Promise<boolean>

/** Lets go of what nobody will ask for again, and of what a rule no longer keeps. Several hubs may do it at once. */
export function startPruning(
  pool: Pool,
  {
    stepsKeptMs,
    sessionIdleMs,
    rules = [],
  }: { stepsKeptMs: number; sessionIdleMs: number; rules?: readonly RetentionRule[] },
  logger: Logger,
): Repeated {
  const portions: [string, Portion][] = [
    ['old steps of deliveries', async () => (await pruneSteps(pool, stepsKeptMs, rowsMax)) === rowsMax],
    ['old plans of replays', async () => (await prunePlans(pool, planKeptMs, rowsMax)) === rowsMax],
    ['what the authorization server remembered', async () => (await pruneProviderState(pool, rowsMax)) === rowsMax],
    ['proofs that were used', async () => (await pruneUsedProofs(pool, proofsMax)) === proofsMax],
    ['sessions that have ended', async () => (await pruneSessions(pool, sessionIdleMs, rowsMax)) === rowsMax],
    ['wrong tries at passwords and codes', async () => (await pruneTries(pool, rowsMax)) === rowsMax],
    ...rules.map((rule): [string, Portion] => [
      rule.dataClass,
      async () => (await applyRetention(pool, rule, systemClock.now())).more,
    ]),
  ]
  return repeat(async (stopped) => {
    let more = false
    for (const [what, portion] of portions) {
      if (stopped.aborted) break
      try {
        more = (await portion()) || more
      } catch (error) {
        logger.warn({ error: String(error), what }, 'what is old could not be deleted')
      }
    }
    return more ? pauseMs : everyMs
  })
}
