import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Pool } from 'pg'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import type { Connector } from '../../contract/connector.ts'
import type { Logger } from '../../contract/logger.ts'
import type { Tracer } from '../../contract/tracer.ts'
import { decide } from '../../delivery/decide.ts'
import { type DeliveryPolicy, defaultPolicy } from '../../delivery/policy.ts'
import { createPostgresDeliveryStore } from '../../delivery/postgres-store.ts'
import type { Shadow } from '../../delivery/shadow/shadow.ts'
import type { ShadowResult } from '../../delivery/shadow/tally.ts'
import type { FedReplay, Settlement } from '../../delivery/store.ts'
import type { Target } from '../../delivery/target.ts'
import { ensureTarget } from '../../delivery/targets.ts'
import { targetWithTraces } from '../../delivery/with-traces.ts'
import { runWorkers, TargetWorker, workersPerTarget } from '../../delivery/worker.ts'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { leastBurst } from '../../settings/target-guards.ts'
import { type TargetSettings, targetSettings } from '../../settings/targets.ts'
import { openBusFeeds } from './bus-feeds.ts'
import { connectWithCanary } from './connect-target.ts'
import { listenToJournal } from './listen.ts'
import { startTargetShadow } from './start-target-shadow.ts'

export interface RunningDelivery {
  stop(): Promise<void>
}

export interface DeliveryOptions {
  pool: Pool
  url: string
  settings: Settings
  connectors: readonly Connector[]
  logger: Logger
  tracer: Tracer
  onSettled?(target: Target, settlement: Settlement): void
  onHealth?(target: Target, workerId: string, isDown: boolean): void
  onRateWait?(target: Target, waitedMs: number): void
  onReplayed?(target: Target, fed: FedReplay): void
  onCompared?(target: string, shadow: string, result: ShadowResult): void
  onCanaryAttempt?(target: string, outcome: string): void
}

/** Delivers to every target of the settings, as one worker of possibly many, until it is stopped. */
export async function startDelivery(options: DeliveryOptions): Promise<RunningDelivery> {
  const { pool, settings, logger } = options
  const targets: Target[] = []
  const shadows = new Map<number, Shadow>()
  for (const one of targetSettings(settings)) {
    const target = await connectTarget(one, options)
    targets.push(targetWithTraces(target, options.tracer))
    const { targetId, connection: live } = target
    const shadow = await startTargetShadow(one, { ...options, targetId, live })
    if (shadow) shadows.set(targetId, shadow)
  }
  const processId = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`
  const tools = {
    store: createPostgresDeliveryStore(pool),
    clock: systemClock,
    random: systemRandom,
    logger,
    decide,
    onSettled: (target: Target, settlement: Settlement) => {
      options.onSettled?.(target, settlement)
      shadows.get(target.targetId)?.note(settlement)
    },
    ...(options.onRateWait && { onRateWait: options.onRateWait }),
    ...(options.onHealth && { onHealth: options.onHealth }),
    ...(options.onReplayed && { onReplayed: options.onReplayed }),
  }
  const { deliveryLeaseMs: leaseMs, deliveryPollMs: pollMs } = settings
  const feeds = await openBusFeeds(options, logger)
  const createWorker = (target: Target, index: number) => {
    const workerId = `${processId}/${index}`
    const fed = feeds?.open(target.name, tools.store)
    const worker = new TargetWorker(
      target,
      { ...tools, store: fed?.store ?? tools.store, workerId },
      { leaseMs, pollMs },
    )
    fed?.start(worker)
    return worker
  }
  const workers = targets.flatMap((target) =>
    Array.from({ length: workersPerTarget }, (_, index) => createWorker(target, index)),
  )
  const wake = () => {
    for (const worker of workers) worker.wake()
  }
  const listening = listenToJournal(options.url, wake, logger)
  const running = runWorkers(workers)
  logger.info({ targets: targets.map((target) => target.name), processId }, 'delivery is running')
  return {
    stop: async () => {
      for (const worker of workers) worker.stop()
      await running
      await feeds?.stop()
      await listening.stop()
      for (const shadow of shadows.values()) await shadow.stop()
      for (const target of targets) await target.connection.close?.()
    },
  }
}

/** The target of the settings with its connection; made known to the hub when it is new. */
export async function connectTarget(
  one: TargetSettings,
  options: Pick<DeliveryOptions, 'pool' | 'settings' | 'connectors' | 'logger' | 'onCanaryAttempt'>,
): Promise<Target> {
  const { pool, settings } = options
  const connection = connectWithCanary(one, options)
  const row = await ensureTarget(pool, one.name, one.connector)
  return {
    targetId: row.targetId,
    name: one.name,
    connectorName: one.connector,
    connection,
    policy: policyOf(settings, one),
    fetch: createGuardedFetch({
      allowPrivateNetwork: one.allowPrivateNetwork,
      timeoutMs: settings.deliveryAttemptTimeoutMs,
      connectionsMax: one.concurrencyMax ?? settings.deliveryConcurrencyMax,
      ...(one.answerMaxBytes !== undefined && { answerMaxBytes: one.answerMaxBytes }),
    }),
  }
}

function policyOf(settings: Settings, one: TargetSettings): DeliveryPolicy {
  return {
    ...defaultPolicy,
    attemptsMax: one.attemptsMax ?? settings.deliveryAttemptsMax,
    backoffBaseMs: settings.deliveryBackoffBaseMs,
    backoffMaxMs: settings.deliveryBackoffMaxMs,
    attemptTimeoutMs: settings.deliveryAttemptTimeoutMs,
    waitDeadlineMs: settings.deliveryWaitDeadlineMs,
    concurrencyMax: one.concurrencyMax ?? settings.deliveryConcurrencyMax,
    batchEventsMax: settings.deliveryBatchEventsMax,
    ...rateOf(one),
    ...(one.whenOriginalMissing && { whenOriginalMissing: one.whenOriginalMissing }),
    ...(one.strictOrder !== undefined && { strictOrder: one.strictOrder }),
    ...(one.holdFindings && { holdFindings: one.holdFindings }),
    ...(one.transactionTypes && { transactionTypes: one.transactionTypes }),
  }
}

function rateOf({ ratePerSecond, rateBurst }: TargetSettings): Pick<DeliveryPolicy, 'rate'> {
  if (ratePerSecond === undefined) return {}
  const burst = rateBurst ?? Math.max(Math.ceil(ratePerSecond), leastBurst(ratePerSecond))
  return { rate: { perSecond: ratePerSecond, burst } }
}
