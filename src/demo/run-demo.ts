import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type HubStatus, readHubStatus } from '../cli/hub-status.ts'
import { sendFile } from '../cli/send-file.ts'
import { systemClock } from '../contract/clock.ts'
import { planStores } from '../simulator/retailer/store-plan.ts'
import { parseAcknowledgements } from '../simulator/sender/acknowledgements.ts'
import { type BusConsumption, type DemoBus, openDemoBus } from './bus/demo-bus.ts'
import type { BusReckoning } from './bus/reckon-bus.ts'
import type { DemoOptions } from './demo-options.ts'
import { type DemoHub, startDemoHub } from './hub.ts'
import { type Killing, startKilling } from './killer.ts'
import { Progress } from './progress.ts'
import { startReceivers } from './receivers.ts'
import { type Reckoning, reckon } from './reckon.ts'
import { tellJourney, tellNext, tellSummary } from './tell.ts'
import { startTills } from './tills.ts'

/** The result of a demo; the first fields are what scripts rely on. */
export interface DemoSummary {
  receipts: { sent: number; acknowledged: number; duplicates: number; conflicts: number; quarantined: number }
  targets: { name: string; delivered: number; skipped: number; parked: number; waiting: number; pending: number }[]
  gaps: number
  /** Acknowledged receipts that a receiver, or the consumer of the bus, does not have. */
  lost: number
  seconds: number
  doubled: number
  retries: number
  kills: { hub: number; worker: number; database: number }
  firstDeliveredSeconds: number | undefined
  /** Where there is a bus: what a consumer of it has, each receipt counted once. */
  bus?: { engine: string; published: number; consumed: number; missing: number }
}

/** After the last upload everything must have arrived by then. */
const settleWithinMs = 180_000

/** Runs the whole house on this machine: tills, hub, database, three systems that must know, and the reckoning at the end. */
export async function runDemo(options: DemoOptions): Promise<DemoSummary> {
  const startedAt = Date.now()
  const stopping = new AbortController()
  const interrupt = () => stopping.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  await rm(options.dataDirectory, { recursive: true, force: true })
  await mkdir(options.dataDirectory, { recursive: true })
  const bus = await openDemoBus(options)
  const plans = planStores(options.stores, options.tills)
  const receivers = await startReceivers(options.dataDirectory)
  const stops: (() => Promise<void>)[] = receivers.children.map((child) => () => child.stop())
  try {
    const hub = await startDemoHub(
      options,
      plans.map((plan) => plan.profile),
      receivers.targets,
      bus?.settings,
    )
    stops.unshift(async () => {
      await (await hub.findPool()).end()
      await hub.child.stop()
    })
    const consumption = await consumeBus(bus, hub, stops)
    const tills = await startTills(options, plans, hub)
    stopping.signal.addEventListener('abort', () => tills.stop())
    const killing = startKilling(hub, join(options.dataDirectory, 'hub'), options.kills, options.seed, stopping.signal)
    const watch = watchHub(hub, tills.counts, startedAt, stopping.signal)
    for (const file of options.files) await sendFile({ file, to: hub.url, token: hub.token, source: undefined })
    await tills.done
    await killing.done
    const status = await watch.settled(Date.now() + settleWithinMs)
    const acknowledged = parseAcknowledgements(await readFile(tills.recordFile, 'utf8'))
    const keptByFiles = options.files.length > 0 ? await readRecordedIds(await hub.findPool()) : new Set<string>()
    const reckoning = reckon(acknowledged, await receivers.readLogs(), keptByFiles)
    const onBus = await consumption?.settle(acknowledged, stopping.signal)
    const hubSide = summarise(tills.counts, status, reckoning, killing, watch.firstDeliveredSeconds(), startedAt)
    const summary = onBus ? addBus(hubSide, onBus) : hubSide
    if (!options.json) {
      await tellJourney(hub, acknowledged)
      tellSummary(summary, reckoning, onBus)
    }
    if (!options.once && !stopping.signal.aborted) {
      tellNext(hub, options)
      await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()))
    }
    watch.stop()
    return summary
  } finally {
    stopping.abort()
    for (const stop of stops) await stop().catch(() => {})
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

async function consumeBus(
  bus: DemoBus | undefined,
  hub: DemoHub,
  stops: (() => Promise<void>)[],
): Promise<BusConsumption | undefined> {
  const consumption = await bus?.startConsumer(hub)
  // Before the hub, whose database may be the bus.
  if (consumption) stops.unshift(() => consumption.child.stop())
  return consumption
}

function addBus(summary: DemoSummary, { engine, published, consumed, missing }: BusReckoning): DemoSummary {
  const lost = summary.lost + missing.length
  return { ...summary, lost, bus: { engine, published, consumed, missing: missing.length } }
}

interface Watch {
  settled(untilMs: number): Promise<HubStatus | undefined>
  firstDeliveredSeconds(): number | undefined
  stop(): void
}

/** Looks at the hub twice a second, for the eyes; what is proven comes from the receivers. */
function watchHub(
  hub: DemoHub,
  counts: import('../simulator/sender/send-till.ts').SendCounts,
  startedAt: number,
  signal: AbortSignal,
): Watch {
  const progress = new Progress()
  const over = new AbortController()
  signal.addEventListener('abort', () => over.abort())
  let status: HubStatus | undefined
  let firstDelivered: number | undefined
  const look = async () => {
    while (!over.signal.aborted) {
      const seen = await lookAt(hub)
      if (seen) {
        status = seen
        if (seen.targets.some((one) => one.delivered > 0)) firstDelivered ??= (Date.now() - startedAt) / 1_000
        progress.show(counts, seen)
      }
      await systemClock.sleep(500, over.signal)
    }
  }
  void look()
  const isStill = (one: HubStatus) =>
    one.targets.length > 0 && one.targets.every((target) => target.pending === 0 && target.waiting === 0)
  return {
    settled: async (untilMs) => {
      while (Date.now() < untilMs && !over.signal.aborted) {
        const seen = await lookAt(hub)
        if (seen && isStill(seen)) {
          // The numbers are followed a moment after the receipts.
          await systemClock.sleep(2_000, over.signal)
          over.abort()
          return (await lookAt(hub)) ?? seen
        }
        await systemClock.sleep(300, over.signal)
      }
      over.abort()
      return status
    },
    firstDeliveredSeconds: () => firstDelivered,
    stop: () => over.abort(),
  }
}

/** Undefined: its database does not answer now. */
async function lookAt(hub: DemoHub): Promise<HubStatus | undefined> {
  return hub
    .findPool()
    .then(readHubStatus)
    .catch(() => undefined)
}

async function readRecordedIds(pool: import('pg').Pool): Promise<Set<string>> {
  const { readRecordedTransactionIds } = await import('../intake/read.ts')
  return readRecordedTransactionIds(pool)
}

function summarise(
  counts: import('../simulator/sender/send-till.ts').SendCounts,
  status: HubStatus | undefined,
  reckoning: Reckoning,
  { kills }: Killing,
  firstDeliveredSeconds: number | undefined,
  startedAt: number,
): DemoSummary {
  const { sent, acknowledged, duplicates, conflicts, quarantined, retries } = counts
  return {
    receipts: { sent, acknowledged, duplicates, conflicts, quarantined },
    targets: (status?.targets ?? []).map(({ name, delivered, skipped, parked, waiting, pending }) => ({
      name,
      delivered,
      skipped,
      parked,
      waiting,
      pending,
    })),
    gaps: status?.gaps ?? 0,
    lost: reckoning.lost,
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
    doubled: reckoning.doubled,
    retries,
    kills,
    firstDeliveredSeconds,
  }
}
