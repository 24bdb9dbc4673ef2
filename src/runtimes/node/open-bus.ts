import type { BusConnection } from '../../buses/index.ts'
import type { Bus } from '../../contract/bus.ts'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { readBusTls } from '../../settings/bus-tls.ts'
import type { Settings } from '../../settings/load-settings.ts'

const openAgainMs = 5_000

export function busConnectionOf(settings: Settings, hubUrl: string, logger: Logger): BusConnection {
  return {
    url: settings.busUrl.isEmpty ? hubUrl : settings.busUrl.reveal(),
    tls: readBusTls(settings),
    replicasCount: settings.busReplicasCount || undefined,
    compression: settings.busCompression as BusConnection['compression'],
    clientName: 'tillflow',
    logger,
  }
}

/** Opens a bus as soon as its broker is there; undefined where that was given up. */
export async function openWhenThere(
  open: () => Promise<Bus>,
  logger: Logger,
  signal: AbortSignal,
): Promise<Bus | undefined> {
  while (!signal.aborted) {
    try {
      return await open()
    } catch (error) {
      logger.warn({ error: String(error) }, 'the bus could not be opened; it is tried again')
      await systemClock.sleep(openAgainMs, signal)
    }
  }
  return undefined
}
