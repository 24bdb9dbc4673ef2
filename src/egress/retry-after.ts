/** Longer waits than a day are a mistake or an attack; the event would be forgotten. */
export const retryAfterMaxMs = 86_400_000

/** RFC 9110 section 10.2.3: seconds or an HTTP date, as milliseconds from now, at most a day. Undefined when it is neither. */
export function readRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, retryAfterMaxMs)
  if (!/^[A-Za-z]{3,9}, ?\d/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - nowMs, 0), retryAfterMaxMs)
}
