const formatters = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()
/** A year has 35,040 quarters of an hour per zone; beyond the limit the cache starts anew instead of growing. */
const offsetsMax = 50_000
const quarterHourMs = 900_000

/**
 * Offset of a zone from UTC in minutes at an instant. One answer of Intl serves all receipts of a quarter of an hour, unless the
 * clocks change within it: St John's changed them at one minute past midnight until 2011. Throws a RangeError for a zone that
 * does not exist.
 */
export function offsetAtInstant(instantMs: number, timeZone: string): number {
  const quarter = Math.floor(instantMs / quarterHourMs)
  const offset = offsetAtQuarter(quarter, timeZone)
  if (offset === offsetAtQuarter(quarter + 1, timeZone)) return offset
  return askIntl(Math.floor(instantMs / 1_000) * 1_000, timeZone)
}

function offsetAtQuarter(quarter: number, timeZone: string): number {
  const key = `${timeZone}|${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const offset = askIntl(quarter * quarterHourMs, timeZone)
  if (offsets.size >= offsetsMax) offsets.clear()
  offsets.set(key, offset)
  return offset
}

function askIntl(instantMs: number, timeZone: string): number {
  let formatter = formatters.get(timeZone)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    })
    formatters.set(timeZone, formatter)
  }
  const part: Record<string, string> = {}
  for (const { type, value } of formatter.formatToParts(instantMs)) part[type] = value
  const wall = new Date(instantMs)
  // Before the year 1 there is the year 1 BC; and Date.UTC would read the year 50 as 1950.
  const year = part.era?.startsWith('B') ? 1 - Number(part.year) : Number(part.year)
  wall.setUTCFullYear(year, Number(part.month) - 1, Number(part.day))
  wall.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second))
  return Math.round((wall.getTime() - instantMs) / 60_000)
}
