import type { Pool } from 'pg'
import type { Tracer } from '../../contract/tracer.ts'
import { type ParkedGroup, readParkedGroups } from '../../delivery/parked.ts'
import { countReplaysUnderWay, type ReplayUnderWay } from '../../delivery/replay/read.ts'
import type { ShadowResult } from '../../delivery/shadow/tally.ts'
import { readTargetStatus, type TargetStatus } from '../../delivery/status.ts'
import type { FedReplay, Settlement } from '../../delivery/store.ts'
import type { Target } from '../../delivery/target.ts'
import { traceParking } from '../../delivery/with-traces.ts'
import { countOpenCases } from '../../intake/read.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { countMissingNumbers, oldestGapSince, readLastSeen } from '../../store-day/queries.ts'

/** How many stores and workstations have series of their own. */
type StoreCaps = Pick<Settings, 'metricsStoresMax' | 'metricsWorkstationsMax'>

/** Counts what delivery settles, how long it took since the record, and traces what was parked. */
export function recordSettlement(metrics: Metrics, tracer: Tracer): (target: Target, settlement: Settlement) => void {
  return (target, settlement) => {
    const { event, transition, attempt } = settlement
    const destination = target.name
    if (attempt) metrics.count('deliveryAttempts', { destination, outcome: attempt.outcome })
    metrics.count('deliverySettled', { destination, state: transition.state })
    traceParking(tracer, target, settlement)
    if (transition.state === 'delivered') {
      metrics.record('endToEnd', (Date.now() - event.recordedAt.getTime()) / 1_000, { destination })
    }
  }
}

/** Shows which targets this process takes for down: those that one of its workers only probes. */
export function recordHealth(metrics: Metrics): (target: Target, workerId: string, isDown: boolean) => void {
  const downAt = new Map<string, Set<string>>()
  metrics.observe('targetDown', () =>
    [...downAt].map(([destination, workers]) => ({ value: workers.size > 0 ? 1 : 0, labels: { destination } })),
  )
  return ({ name }, workerId, isDown) => {
    const workers = downAt.get(name) ?? new Set()
    if (isDown) workers.add(workerId)
    else workers.delete(workerId)
    downAt.set(name, workers)
  }
}

/** Counts waits for rate budgets, comparisons of shadows and attempts of canaries. */
export function recordGuards(metrics: Metrics) {
  return {
    onRateWait: ({ name }: Target, waitedMs: number) =>
      metrics.record('rateWait', waitedMs / 1_000, { destination: name }),
    onCompared: (destination: string, shadow: string, result: ShadowResult) =>
      metrics.count('shadowCompared', { destination, shadow, result }),
    onCanaryAttempt: (destination: string, outcome: string) =>
      metrics.count('canaryAttempts', { destination, outcome }),
  }
}

/** Counts what replays let go, and what became of it. */
export function recordReplays(metrics: Metrics): (target: Target, fed: FedReplay) => void {
  return ({ name: destination }, { released, settled }) => {
    if (released > 0) metrics.count('replayReleased', { destination }, released)
    for (const [outcome, count] of settled) metrics.count('replaySettled', { destination, outcome }, count)
  }
}

/** Gauges that are read from the database when somebody looks. */
export function observeHub(metrics: Metrics, pool: Pool, caps: StoreCaps): void {
  observeTargets(metrics, pool)
  observeReplays(metrics, pool)
  observeCases(metrics, pool)
  observeStores(metrics, pool, caps)
  metrics.observe('poolConnections', () => [
    { value: pool.totalCount - pool.idleCount, labels: { state: 'in use' } },
    { value: pool.idleCount, labels: { state: 'idle' } },
    { value: pool.waitingCount, labels: { state: 'waited for' } },
  ])
}

const circuitStates = { closed: 0, 'half-open': 1, open: 2 } as const

function observeTargets(metrics: Metrics, pool: Pool): void {
  const status = shared(() => readTargetStatus(pool))
  const perTarget = (pick: (one: TargetStatus) => number) => async () =>
    (await status()).map((one) => ({ value: pick(one), labels: { destination: one.name } }))
  metrics.observe(
    'outboxPending',
    perTarget((one) => one.pending),
  )
  metrics.observe(
    'lanesParked',
    perTarget((one) => one.parked),
  )
  metrics.observe(
    'lanesWaiting',
    perTarget((one) => one.waiting),
  )
  metrics.observe(
    'outboxOldestAge',
    perTarget((one) => (one.oldestPendingAt ? secondsSince(one.oldestPendingAt) : 0)),
  )
  metrics.observe(
    'circuitState',
    perTarget(({ guard }) => circuitStates[guard.breaker]),
  )
  metrics.observe(
    'targetHeld',
    perTarget(({ guard }) => (guard.heldUntil ? Math.max(0, (guard.heldUntil.getTime() - Date.now()) / 1_000) : 0)),
  )
  metrics.observe('targetsPaused', async () =>
    (await status()).map(({ name, pause }) => ({
      value: pause ? 1 : 0,
      labels: { destination: name, reason: pause?.code ?? '' },
    })),
  )
}

function observeReplays(metrics: Metrics, pool: Pool): void {
  const underWay = shared(() => countReplaysUnderWay(pool))
  const perTarget = (pick: (one: ReplayUnderWay) => number) => async () =>
    (await underWay()).map((one) => ({ value: pick(one), labels: { destination: one.target } }))
  metrics.observe(
    'replayPlanned',
    perTarget((one) => one.planned),
  )
  metrics.observe(
    'replayOpen',
    perTarget((one) => one.open),
  )
}

function observeCases(metrics: Metrics, pool: Pool): void {
  const cases = shared(() => countOpenCases(pool))
  metrics.observe('quarantineOpen', async () => [{ value: (await cases()).quarantined }])
  metrics.observe('conflictsOpen', async () => [{ value: (await cases()).conflicts }])
  const parked = shared(() => readParkedGroups(pool))
  const perReason = (pick: (one: ParkedGroup) => number) => async () =>
    (await parked()).map((one) => ({
      value: pick(one),
      labels: { destination: one.target, reason: one.reasonCode },
    }))
  metrics.observe(
    'parkedEvents',
    perReason((one) => one.count),
  )
  metrics.observe(
    'parkedOldestAge',
    perReason((one) => secondsSince(one.oldestSince)),
  )
}

function observeStores(metrics: Metrics, pool: Pool, { metricsStoresMax, metricsWorkstationsMax }: StoreCaps): void {
  metrics.observe('sequenceGapsOpen', async () => [{ value: await countMissingNumbers(pool) }])
  metrics.observe('sequenceGapOldestAge', async () => {
    const since = await oldestGapSince(pool)
    return [{ value: since ? secondsSince(since) : 0 }]
  })
  metrics.observe('storeLag', async () => {
    if (metricsStoresMax === 0) return []
    const stores = await readLastSeen(pool, 'store', metricsStoresMax)
    return stores.map(({ businessUnitId, at }) => ({ value: secondsSince(at), labels: { store: businessUnitId } }))
  })
  metrics.observe('registerLastSeen', async () => {
    if (metricsWorkstationsMax === 0) return []
    const workstations = await readLastSeen(pool, 'workstation', metricsWorkstationsMax)
    return workstations.map(({ businessUnitId, workstationId = '', at }) => ({
      value: at.getTime() / 1_000,
      labels: { store: businessUnitId, register: workstationId },
    }))
  })
}

/** Gauges that are looked at together share one read. */
function shared<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let reading: Promise<Result> | undefined
  return () => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }
}

function secondsSince(at: Date): number {
  return Math.max(0, (Date.now() - at.getTime()) / 1_000)
}
