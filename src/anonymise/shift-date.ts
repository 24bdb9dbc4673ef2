const dayMs = 86_400_000
const dateAtStart = /^(\d{4})-(\d\d)-(\d\d)/

/** Whether it is a date or a time of day as machines write them (ISO 8601), and nothing else. */
export function isDateText(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\d(([T ])[\d:.]{2,20} ?(Z|[+-]\d\d:?\d\d)?)?(Z|[+-]\d\d:\d\d)?$/.test(text) ||
    /^[\d:.]{4,18}(Z|[+-]\d\d:\d\d)?$/.test(text)
  )
}

/** The same time of day, some days later or earlier; a day that is not in the calendar stays as wrong as it is. */
export function shiftDate(text: string, days: number): string {
  const [whole, year, month, day] = dateAtStart.exec(text) ?? []
  if (whole === undefined || days === 0) return text
  const instant = Date.parse(`${whole}T00:00:00Z`)
  if (Number.isNaN(instant)) return text
  const exists = new Date(instant).toISOString().startsWith(`${year}-${month}-${day}`)
  const shifted = new Date(instant + days * dayMs).toISOString()
  return exists && /^\d{4}-/.test(shifted) ? shifted.slice(0, 10) + text.slice(10) : text
}
