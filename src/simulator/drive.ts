import type { TillUpload } from './faults/misbehave.ts'
import type { TillDay } from './retailer/retailer.ts'
import type { Simulation } from './simulation.ts'
import type { StoreDayTruth } from './truth/shape.ts'

export interface DriveOptions {
  /** Takes all that a till sends on a day; resolves when it is done with it. */
  takeTillDay(tillDay: TillDay, uploads: Iterable<TillUpload>): Promise<void>
  /** A country's day is over. */
  closeDay(country: string, storeDays: StoreDayTruth[]): Promise<void>
  /** Countries, and the tills of a day, side by side: for a hub that is to be busy. Otherwise one after the other. */
  sideBySide: boolean
  signal: AbortSignal
}

/** Runs a simulation to its end, or until it is stopped: then a day that was not finished is not closed. */
export async function drive(simulation: Simulation, options: DriveOptions): Promise<void> {
  const { sideBySide, signal, takeTillDay, closeDay } = options
  const runRegion = async (region: Simulation['regions'][number]) => {
    for (const day of region.days) {
      await inTurnOrTogether(region.tillDays(day), sideBySide, async (tillDay) => {
        if (!signal.aborted) await takeTillDay(tillDay, simulation.tillUploads(tillDay))
      })
      if (signal.aborted) return
      await closeDay(region.country, simulation.closeDay(region, day))
    }
  }
  await inTurnOrTogether(simulation.regions, sideBySide, runRegion)
}

async function inTurnOrTogether<Item>(
  items: readonly Item[],
  together: boolean,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  if (together) await Promise.all(items.map(work))
  else for (const item of items) await work(item)
}
