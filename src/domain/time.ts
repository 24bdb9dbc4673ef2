import type { StoreProfile } from './store.ts'
import { offsetAtInstant } from './zone-offset.ts'

export interface ResolvedTimestamp {
  /** RFC 3339 with an offset, fractional seconds as given. */
  timestamp: string
  /** Where the offset came from; AMBIGUOUS in the hour that clocks repeat. */
  offset: 'PRESENT' | 'DERIVED' | 'AMBIGUOUS'
}

const timestampPattern = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(Z|z|[+-]\d{2}:?\d{2})?$/

/**
 * A time of a till with an offset: its own, else the one of the store's zone. In the hour that clocks repeat the earlier
 * instant is taken unless `preferLater` (callers know the order of receipts). A time in the hour that clocks skip keeps the till's
 * figures and gets the offset before the change, which is the instant moved forward by the gap (02:30+01:00 is 03:30+02:00).
 * Undefined when there is no such time.
 */
export function resolveTimestamp(
  text: string,
  timeZone: string,
  options: { preferLater?: boolean } = {},
): ResolvedTimestamp | undefined {
  const match = timestampPattern.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone] = match
  if (!isCalendarDate(`${year}-${month}-${day}`)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`
  if (zone !== undefined) {
    const offset = /^z$/i.test(zone) ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
    return offsetIsPossible(offset) ? { timestamp: local + offset, offset: 'PRESENT' } : undefined
  }
  const wallMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const { offsetMinutes, ambiguous } = offsetOfWallTime(wallMs, timeZone, options.preferLater ?? false)
  return { timestamp: local + formatOffset(offsetMinutes), offset: ambiguous ? 'AMBIGUOUS' : 'DERIVED' }
}

/** The business day of an instant: the store's local date, where the day begins at `businessDayStartsAt`. */
export function businessDayOf(
  timestamp: string,
  profile: Pick<StoreProfile, 'timeZone' | 'businessDayStartsAt'>,
): string {
  const instant = Date.parse(timestamp)
  const [hours = 0, minutes = 0] = profile.businessDayStartsAt.split(':').map(Number)
  const wallMs = instant + offsetAtInstant(instant, profile.timeZone) * 60_000 - (hours * 60 + minutes) * 60_000
  return new Date(wallMs).toISOString().slice(0, 10)
}

/** Whether a `YYYY-MM-DD` is a day of the calendar. */
export function isCalendarDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return false
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number)
  if (year < 1 || month < 1 || month > 12 || day < 1) return false
  return day <= new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
}

/** Whole days from one calendar date to another; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

/** Whether a name is a zone of the IANA database. A bare offset (`+02:00`) is none: it would never change its clocks. */
export function isTimeZone(timeZone: string): boolean {
  if (/^[+-]/.test(timeZone)) return false
  try {
    offsetAtInstant(0, timeZone)
    return true
  } catch {
    return false
  }
}

/** The wall clock shows a time under up to two offsets: those in force shortly before and shortly after. */
function offsetOfWallTime(
  wallMs: number,
  timeZone: string,
  preferLater: boolean,
): { offsetMinutes: number; ambiguous: boolean } {
  const before = offsetAtInstant(wallMs - 86_400_000, timeZone)
  const after = offsetAtInstant(wallMs + 86_400_000, timeZone)
  if (before === after && offsetAtInstant(wallMs - before * 60_000, timeZone) === before) {
    return { offsetMinutes: before, ambiguous: false }
  }
  const fits = [before, after].filter((offset) => offsetAtInstant(wallMs - offset * 60_000, timeZone) === offset)
  const [first = before, second] = fits
  if (second === undefined || second === first)
    return { offsetMinutes: fits.length > 0 ? first : before, ambiguous: false }
  // The larger offset is the earlier instant.
  const [earlier, later] = first > second ? [first, second] : [second, first]
  return { offsetMinutes: preferLater ? later : earlier, ambiguous: true }
}

function offsetIsPossible(offset: string): boolean {
  if (offset === 'Z') return true
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))
  return Number(offset.slice(4, 6)) < 60 && minutes <= 14 * 60
}

function formatOffset(minutes: number): string {
  if (minutes === 0) return 'Z'
  const magnitude = Math.abs(minutes)
  const pad = (value: number) => String(value).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(magnitude / 60))}:${pad(magnitude % 60)}`
}
