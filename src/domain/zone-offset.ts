const formatters = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, number>()
/** A file of a year has 8,760 hours per zone; beyond that the cache starts anew instead of growing. */
const offsetsMax = 50_000
const quarterHourMs = 900_000

/**
 * Offset of a zone from UTC in minutes at an instant. Offsets change at most at quarter hours, so one answer of Intl serves
 * all receipts of a quarter of an hour. Throws a RangeError for a zone that does not exist.
 */
export function offsetAtInstant(instantMs: number, timeZone: string): number {
  const quarter = Math.floor(instantMs / quarterHourMs)
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
  const wallMs = Date.UTC(
    Number(part.year),
    Number(part.month) - 1,
    Number(part.day),
    Number(part.hour),
    Number(part.minute),
  )
  return Math.round((wallMs - instantMs) / 60_000)
}
