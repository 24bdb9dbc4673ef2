import type { ClientBase, Pool } from 'pg'
import type { StoreProfile } from '../domain/store.ts'
import { eventTypes, type JournalEvent, type QuarantinedData, type RecordedData } from '../journal/event.ts'
import { lockCursor, moveCursor, readCursor, readEventsAfter } from '../journal/queries.ts'
import { addNumbers, type SeriesNumbers, settleGaps } from './queries.ts'

const consumer = 'store-day/numbers'

/**
 * Follows the journal and keeps the numbers seen of every till, so that what is missing is known by name. A quarantined
 * upload occupies its number. Returns how many events it read. Several processes may do it at once: what another one has followed
 * meanwhile is left to it. Events are read before the transaction begins, since nobody else sees what is recorded during one.
 */
export async function trackNumbers(
  pool: Pool,
  profileOf: (businessUnitId: string) => StoreProfile,
  eventsMax = 2_000,
): Promise<number> {
  const from = await readCursor(pool, consumer)
  const events = await readEventsAfter(pool, from, eventsMax)
  const last = events.at(-1)
  if (!last) return 0
  const series = collectNumbers(events, profileOf)
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { xid, position } = await lockCursor(client, consumer)
    if (xid === from.xid && position === from.position) {
      await keepNumbers(client, series)
      await moveCursor(client, consumer, last)
    }
    await client.query('commit')
    return events.length
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

async function keepNumbers(client: ClientBase, series: readonly SeriesNumbers[]): Promise<void> {
  if (series.length === 0) return
  await addNumbers(client, series)
  await settleGaps(
    client,
    series.map((one) => one.seriesKey),
  )
}

/** The numbers that these events occupy, by series. */
export function collectNumbers(
  events: readonly JournalEvent[],
  profileOf: (businessUnitId: string) => StoreProfile,
): SeriesNumbers[] {
  const bySeries = new Map<string, SeriesNumbers>()
  for (const event of events) {
    const place = placeOf(event)
    if (place?.businessUnitId === undefined || place.workstationId === undefined || place.sequenceNumber === undefined)
      continue
    const daily = profileOf(place.businessUnitId).numbersRestartDaily && place.dayReported
    const businessDayDate = daily ? (place.businessDayDate ?? null) : null
    const series = place.series ?? '-'
    const seriesKey = `${place.businessUnitId}/${place.workstationId}/${series}${businessDayDate === null ? '' : `@${businessDayDate}`}`
    const known = bySeries.get(seriesKey)
    if (known) known.numbers.push(place.sequenceNumber)
    else {
      const { businessUnitId, workstationId, sequenceNumber } = place
      bySeries.set(seriesKey, {
        seriesKey,
        businessUnitId,
        workstationId,
        series,
        businessDayDate,
        numbers: [sequenceNumber],
      })
    }
  }
  return [...bySeries.values()]
}

interface Place {
  businessUnitId?: string | undefined
  workstationId?: string | undefined
  series?: string | undefined
  sequenceNumber?: number | undefined
  businessDayDate?: string | undefined
  dayReported: boolean
}

function placeOf(event: JournalEvent): Place | undefined {
  if (event.eventType === eventTypes.recorded) {
    const { transaction } = event.data as RecordedData
    if (transaction.vendorFact) return undefined
    return { ...transaction, dayReported: transaction.businessDayDateSource === 'REPORTED' }
  }
  if (event.eventType !== eventTypes.quarantined) return undefined
  const partial = event.data as QuarantinedData
  return { ...partial, dayReported: partial.businessDayDate !== undefined }
}
