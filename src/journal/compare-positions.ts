import type { JournalPosition } from './event.ts'

/** Negative, zero or positive, as `a` lies before, at or after `b`. Decimal texts are compared without leaving their range. */
export function comparePositions(a: JournalPosition, b: JournalPosition): number {
  return compareDecimals(a.xid, b.xid) || compareDecimals(a.position, b.position)
}

function compareDecimals(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
