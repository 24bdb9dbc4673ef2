import type { Pool } from 'pg'
import { readTargetStatus } from '../../delivery/status.ts'
import type { Settlement } from '../../delivery/store.ts'
import type { Target } from '../../delivery/target.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { countMissingNumbers } from '../../store-day/queries.ts'

/** Counts what delivery settles, and how long it took since the record. */
export function recordSettlement(metrics: Metrics): (target: Target, settlement: Settlement) => void {
  return (target, { event, transition, attempt }) => {
    const destination = target.name
    if (attempt) metrics.count('deliveryAttempts', { destination, outcome: attempt.outcome })
    metrics.count('deliverySettled', { destination, state: transition.state })
    if (transition.state === 'delivered') {
      metrics.record('endToEnd', (Date.now() - event.recordedAt.getTime()) / 1_000, { destination })
    }
  }
}

/** Gauges that are read from the database when somebody scrapes; one read serves all of them. */
export function observeHub(metrics: Metrics, pool: Pool): void {
  let reading: Promise<Awaited<ReturnType<typeof readTargetStatus>>> | undefined
  const status = () => {
    reading ??= readTargetStatus(pool).finally(() => {
      reading = undefined
    })
    return reading
  }
  const perTarget = (pick: (one: Awaited<ReturnType<typeof readTargetStatus>>[number]) => number) => async () =>
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
    perTarget((one) => (one.oldestPendingAt ? (Date.now() - one.oldestPendingAt.getTime()) / 1_000 : 0)),
  )
  metrics.observe('targetsPaused', async () =>
    (await status()).map(({ name, pause }) => ({
      value: pause ? 1 : 0,
      labels: { destination: name, reason: pause?.code ?? '' },
    })),
  )
  metrics.observe('sequenceGapsOpen', async () => [{ value: await countMissingNumbers(pool) }])
  metrics.observe('poolConnections', () => [
    { value: pool.totalCount - pool.idleCount, labels: { state: 'in use' } },
    { value: pool.idleCount, labels: { state: 'idle' } },
    { value: pool.waitingCount, labels: { state: 'waited for' } },
  ])
}
