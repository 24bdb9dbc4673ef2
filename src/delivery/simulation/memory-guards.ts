import type { World } from '../../testing/simulation/world.ts'
import {
  failedLanesForOutage,
  type GuardStore,
  type Permits,
  type PermitsRequest,
  type ProbeRest,
} from '../guards/guard-store.ts'

/** Faults that are planted to see whether the simulation finds them. */
export type GuardMutant = 'forget-drawn' | 'everyone-probes' | 'forget-hold' | 'forget-permits'

/** The guards of one target in memory, with the semantics of `guards/queries.ts`. */
export class MemoryGuards {
  budgetAt = Number.NEGATIVE_INFINITY
  heldUntil = Number.NEGATIVE_INFINITY
  failedLanes = new Set<string>()
  openedAt: number | undefined
  probes = 0
  probeAt = 0
  probingUntil = Number.NEGATIVE_INFINITY
  readonly permits = new Map<string, { count: number; expiresAt: number }>()
}

export interface MemoryGuardOptions {
  tables: MemoryGuards
  /** When each worker was last seen. */
  workers: ReadonlyMap<string, number>
  world: World
  /** One commit, which may come late. */
  operation<Result>(work: () => Result): Promise<Result>
  mutant: string | undefined
}

export function createMemoryGuardStore(options: MemoryGuardOptions): GuardStore {
  const { tables, world, operation, mutant } = options
  return {
    read: () =>
      operation(() => ({
        heldMs: mutant === 'forget-hold' ? 0 : Math.max(0, tables.heldUntil - world.now),
        isOpen: tables.openedAt !== undefined,
        probeInMs: Math.max(0, Math.max(tables.probeAt, tables.probingUntil) - world.now),
        isFailing: tables.failedLanes.size > 0,
      })),
    claimPermits: (request) => operation(() => claim(options, request)),
    releasePermits: (_targetId, workerId) => operation(() => void tables.permits.delete(workerId)),
    draw: (_targetId, { budget, tokens, debt }) =>
      operation(() => {
        const perMs = budget.perSecond / 1_000
        const base = Math.max(tables.budgetAt, world.now - budget.capacity / perMs) + debt / perMs
        const there = (world.now - base) * perMs
        const granted = Math.min(tokens, Math.max(0, Math.floor(there + 0.001)))
        if (mutant !== 'forget-drawn') tables.budgetAt = base + granted / perMs
        return { granted, waitMs: Math.max(0, 1 - there) / perMs }
      }),
    hold: (_targetId, holdMs) =>
      operation(() => {
        tables.heldUntil = Math.max(tables.heldUntil, world.now + holdMs)
      }),
    noteFailures: (_targetId, orderingKeys, rest) =>
      operation(() => {
        for (const key of orderingKeys) if (tables.failedLanes.size < failedLanesForOutage) tables.failedLanes.add(key)
        tables.probingUntil = Number.NEGATIVE_INFINITY
        if (tables.openedAt !== undefined || tables.failedLanes.size < failedLanesForOutage) return
        tables.openedAt = world.now
        tables.probes = 0
        tables.probeAt = world.now + restMs(0, rest)
      }),
    noteAnswer: () =>
      operation(() => {
        tables.failedLanes.clear()
        tables.openedAt = undefined
        tables.probingUntil = Number.NEGATIVE_INFINITY
      }),
    takeProbe: (_targetId, attemptTimeoutMs, rest) =>
      operation(() => {
        if (mutant === 'everyone-probes') return true
        if (tables.openedAt === undefined || Math.max(tables.probeAt, tables.probingUntil) > world.now) return false
        tables.probes += 1
        tables.probingUntil = world.now + attemptTimeoutMs
        tables.probeAt = world.now + restMs(tables.probes, rest)
        return true
      }),
  }
}

function restMs(probes: number, { baseMs, maxMs, stretch }: ProbeRest): number {
  return Math.min(maxMs, baseMs * 2 ** probes) * stretch
}

function claim(
  { tables, workers, world, mutant }: MemoryGuardOptions,
  { workerId, permitsMax, ceiling, leaseMs }: PermitsRequest,
): Permits {
  const live = [...workers].filter(([id, seenAt]) => id !== workerId && seenAt > world.now - leaseMs).map(([id]) => id)
  const rank = live.filter((id) => id < workerId).length
  const taken = [...tables.permits]
    .filter(([id, { expiresAt }]) => id !== workerId && expiresAt > world.now)
    .reduce((sum, [, { count }]) => sum + count, 0)
  const fair = Math.floor(permitsMax / (live.length + 1)) + (rank < permitsMax % (live.length + 1) ? 1 : 0)
  const count = mutant === 'forget-permits' ? permitsMax : Math.max(0, Math.min(fair, permitsMax - taken))
  tables.permits.set(workerId, { count: Math.max(count, ceiling), expiresAt: world.now + leaseMs })
  return { count, isFair: count >= fair && count >= ceiling, allHave: live.length < permitsMax }
}
