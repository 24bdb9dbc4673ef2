import { resolveTimestamp } from '../../domain/time.ts'
import { offsetAtInstant } from '../../domain/zone-offset.ts'
import { addDays, hoursOf, type StorePlan } from './store-plan.ts'

/** Hours of a day on which a store is closed by its calendar and trades all the same (a till that is asked to). */
const usualHours = [9 * 60, 20 * 60] as const
const quarterMs = 900_000

export interface TradingDay {
  opensAtMs: number
  closesAtMs: number
  /** Wall clock at opening, minutes after midnight: rush hours go by it. */
  opensAtMinutes: number
}

/** The instants between which a store is open. Opening hours are wall time, the time between them is what really passes. */
export function tradingDayOf(plan: StorePlan, businessDayDate: string): TradingDay {
  const [opens, closes] = hoursOf(plan, businessDayDate) ?? usualHours
  const { timeZone } = plan.profile
  return {
    opensAtMs: instantOf(businessDayDate, opens, timeZone),
    closesAtMs: instantOf(businessDayDate, closes, timeZone),
    opensAtMinutes: opens,
  }
}

function instantOf(date: string, minutes: number, timeZone: string): number {
  const day = addDays(date, Math.floor(minutes / 1_440))
  const wall = `${day}T${two(Math.floor((minutes % 1_440) / 60))}:${two(minutes % 60)}`
  return Date.parse(resolveTimestamp(wall, timeZone)?.timestamp ?? `${wall}Z`)
}

/** How busy an hour of the day is, by the wall clock; after midnight it counts on. */
function rushOf(wallHour: number): number {
  if (wallHour < 10) return 0.5
  if (wallHour >= 12 && wallHour < 14) return 2
  if (wallHour >= 16 && wallHour < 19) return 2.4
  return wallHour >= 21 ? 0.35 : 1
}

/** The instant at which a share (0 to 1) of the day's shoppers has come. Called with growing shares. */
export function arrivals({ opensAtMs, closesAtMs, opensAtMinutes }: TradingDay): (share: number) => number {
  const quarters = Math.max(1, Math.ceil((closesAtMs - opensAtMs) / quarterMs))
  const weights = Array.from({ length: quarters }, (_, index) => rushOf((opensAtMinutes + index * 15) / 60))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let [quarter, before] = [0, 0]
  return (share) => {
    const wanted = share * total
    while (quarter < quarters - 1 && before + (weights[quarter] ?? 0) < wanted) {
      before += weights[quarter] ?? 0
      quarter += 1
    }
    const within = Math.min(1, Math.max(0, (wanted - before) / (weights[quarter] ?? 1)))
    return Math.min(closesAtMs, opensAtMs + (quarter + within) * quarterMs)
  }
}

/** Writes instants as a till of the zone prints them, to the second and with the offset in force. One Intl question for a quarter. */
export function timestampWriter(timeZone: string): (instantMs: number) => string {
  let [quarter, offsetMs, suffix] = [Number.NaN, 0, 'Z']
  let [day, date] = [Number.NaN, '']
  return (instantMs) => {
    const at = Math.floor(instantMs / quarterMs)
    if (at !== quarter) {
      quarter = at
      const minutes = offsetAtInstant(instantMs, timeZone)
      offsetMs = minutes * 60_000
      suffix = offsetText(minutes)
    }
    const localSeconds = Math.floor((instantMs + offsetMs) / 1_000)
    const localDay = Math.floor(localSeconds / 86_400)
    if (localDay !== day) {
      day = localDay
      date = new Date(localDay * 86_400_000).toISOString().slice(0, 10)
    }
    const second = localSeconds - localDay * 86_400
    const [hours, minutes] = [Math.floor(second / 3_600), Math.floor(second / 60) % 60]
    return `${date}T${two(hours)}:${two(minutes)}:${two(second % 60)}${suffix}`
  }
}

function offsetText(minutes: number): string {
  if (minutes === 0) return 'Z'
  const magnitude = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(magnitude / 60))}:${two(magnitude % 60)}`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
