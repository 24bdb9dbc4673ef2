import { join } from 'node:path'
import { Pool } from 'undici'
import { drive } from '../simulator/drive.ts'
import type { TillUpload } from '../simulator/faults/misbehave.ts'
import { hoursOf } from '../simulator/retailer/store-plan.ts'
import { tradingDayOf } from '../simulator/retailer/till-clock.ts'
import { AcknowledgementRecord } from '../simulator/sender/acknowledgements.ts'
import { HubClient } from '../simulator/sender/hub-client.ts'
import { Pace } from '../simulator/sender/pace.ts'
import { noHubCounts, sendUploads } from '../simulator/sender/send-uploads.ts'
import type { Simulation } from '../simulator/simulation.ts'
import type { SimulateRun, SimulateSummary } from './run-simulate.ts'
import { writeContextFor } from './simulated-settings.ts'

/** So many uploads of a till go in one request, at most. */
const uploadsMax = 200

/** Tills of all stores send to a hub side by side, each in its own order, each waiting for its answer. */
export async function simulateToHub(run: SimulateRun): Promise<Pick<SimulateSummary, 'hub'>> {
  const { options, simulation, source, writer, truth, progress } = run
  const { to = '', token = '', connections, speed, directory } = options
  const plans = simulation.regions.flatMap((region) => region.plans)
  const pool = new Pool(new URL(to).origin, { connections })
  const record = await AcknowledgementRecord.open(join(directory, 'acknowledged.ndjson'))
  // One till that cannot go on (a wrong token) stops all: they run side by side.
  const failed = new AbortController()
  const signal = AbortSignal.any([run.signal, failed.signal])
  const client = new HubClient({ pool, token, signal })
  const counts = noHubCounts()
  const refusals: string[] = []
  const pace = new Pace(speed, firstInstantMs(simulation))
  const format = { name: source.name, writer }
  try {
    await drive(simulation, {
      sideBySide: true,
      signal,
      takeTillDay: async ({ plan, businessDayDate }, uploads) => {
        const context = writeContextFor(source, plan, plans)
        const send = (some: readonly TillUpload[]) =>
          sendUploads(some, { client, format, context, record, counts, refusals })
        for await (const some of dueTogether(uploads, speed === undefined ? undefined : pace, signal)) {
          if (signal.aborted) return
          await send(some)
          progress.show(simulation.counts, businessDayDate, `, answered ${counts.uploads}, again ${client.retries}`)
        }
      },
      closeDay: (country, storeDays) => truth.append(country, storeDays),
    })
  } finally {
    failed.abort()
    await record.close()
    await pool.destroy()
  }
  return { hub: { ...counts, retries: client.retries, refusals } }
}

/** Uploads that are due at the same time go together; without a pace as many as one request takes. */
async function* dueTogether(
  uploads: Iterable<TillUpload>,
  pace: Pace | undefined,
  signal: AbortSignal,
): AsyncGenerator<TillUpload[]> {
  let some: TillUpload[] = []
  for (const upload of uploads) {
    const instantMs = Date.parse(upload.happened.endDateTime ?? '')
    if (some.length >= uploadsMax || (some.length > 0 && pace && pace.waitMs(instantMs) > 0)) {
      yield some
      some = []
    }
    if (signal.aborted) return
    if (pace) await pace.until(instantMs, signal)
    some.push(upload)
  }
  if (some.length > 0) yield some
}

/** When the first store opens: with a speed, that is now. */
function firstInstantMs({ regions }: Simulation): number {
  const openings = regions.flatMap(({ plans, days }) =>
    plans.flatMap((plan) => {
      const day = days.find((one) => hoursOf(plan, one))
      return day === undefined ? [] : [tradingDayOf(plan, day).opensAtMs]
    }),
  )
  return Math.min(...openings) - 900_000
}
