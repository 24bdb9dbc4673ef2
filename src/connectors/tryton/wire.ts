/** Values as Tryton's JSON-RPC writes them, and what can be read of an answer that may be anything. */
export type TheirRecord = Record<string, unknown>

export function toTheirDecimal(text: string): TheirRecord {
  return { __class__: 'Decimal', decimal: text }
}

export function toTheirDate(day: string): TheirRecord {
  const [year, month, date] = day.split('-').map(Number)
  return { __class__: 'date', year, month, day: date }
}

/** Text of a Decimal; `0` where there is none. */
export function decimalText(value: unknown): string {
  const text = (value as { decimal?: unknown } | null | undefined)?.decimal
  return typeof text === 'string' ? text : '0'
}

export function idOf(record: unknown): number {
  const id = (record as { id?: unknown } | null | undefined)?.id
  return typeof id === 'number' ? id : 0
}

/** Records of a list, or of a field that was read through (`invoices.`). */
export function recordsOf(value: unknown): TheirRecord[] {
  return Array.isArray(value) ? value.filter((one) => one !== null && typeof one === 'object') : []
}

/** A field that was read through and leads to one record (`currency.`). */
export function recordOf(value: unknown): TheirRecord {
  return value !== null && typeof value === 'object' ? (value as TheirRecord) : {}
}

export function idsOf(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'number') : []
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
