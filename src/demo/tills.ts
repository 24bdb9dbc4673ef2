import { join } from 'node:path'
import { Pool } from 'undici'
import { noFaults } from '../simulator/faults/fault-list.ts'
import { misbehave } from '../simulator/faults/misbehave.ts'
import { Dice } from '../simulator/retailer/dice.ts'
import type { StorePlan } from '../simulator/retailer/store-plan.ts'
import { simulateTillDay } from '../simulator/retailer/till-day.ts'
import { AcknowledgementRecord } from '../simulator/sender/acknowledgements.ts'
import { noCounts, type SendCounts, sendTill } from '../simulator/sender/send-till.ts'
import type { DemoOptions } from './demo-options.ts'

/** More than light: a demo is short, and every fault should be seen. */
const demoFaults = { ...noFaults, doubled: 0.02, reordered: 0.02, conflicting: 0.003, unreadable: 0.003, lost: 0.002 }

export interface RunningTills {
  counts: SendCounts
  recordFile: string
  /** Numbers that tills forgot to upload and that lie between others. */
  forgotten: number
  done: Promise<void>
  stop(): void
}

/** Lets all tills of all stores send their day, each in its own order, all at the same time. */
export async function startTills(
  options: DemoOptions,
  plans: readonly StorePlan[],
  hub: { url: string; token: string },
): Promise<RunningTills> {
  const recordFile = join(options.dataDirectory, 'acknowledged.ndjson')
  const record = await AcknowledgementRecord.open(recordFile)
  const counts = noCounts()
  const pool = new Pool(hub.url, { connections: 64 })
  const stopping = new AbortController()
  const businessDayDate = new Date().toISOString().slice(0, 10)
  const works = plans.flatMap((plan) =>
    plan.workstationIds.map((workstationId, index) => {
      const day = simulateTillDay({
        plan,
        workstationId,
        businessDayDate,
        receiptsCount: options.receipts,
        seed: options.seed,
      })
      const dice = new Dice(options.seed + 1, Number(plan.profile.businessUnitId) * 100 + index)
      const uploads = misbehave(day, { rates: options.faults ? demoFaults : noFaults, dice })
      const { pauseMs } = options
      return sendTill(uploads, { pool, token: hub.token, record, counts, signal: stopping.signal, pauseMs })
    }),
  )
  const done = Promise.all(works).then(async () => {
    await record.close()
    await pool.close()
  })
  return { counts, recordFile, forgotten: 0, done, stop: () => stopping.abort() }
}
