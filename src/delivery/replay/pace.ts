/** Events of one replay that are under way at a target at once: as much as a live event may find before it. */
export const openItemsMax = 100
/** Events of one lane that are let go at once. */
export const itemsPerLaneMax = 10
/** A replay lets nothing go while the target's live events are older than this. */
export const liveLagMaxMs = 2_000

/** Time that a rate may save up for, so that a worker that comes late does not send a flood. */
const savedMaxMs = 1_000

export interface PaceInput {
  ratePerSecond: number
  /** Since items were last let go; undefined: never. */
  restedMs: number | undefined
  open: number
  /** Age of the oldest live event that is not reached yet. */
  liveLagMs: number
}

/** How many items of a replay may be let go now. */
export function itemsAllowed({ ratePerSecond, restedMs, open, liveLagMs }: PaceInput): number {
  if (liveLagMs > liveLagMaxMs) return 0
  const saved = restedMs === undefined ? 1 : Math.floor((ratePerSecond * Math.min(restedMs, savedMaxMs)) / 1_000)
  return Math.max(0, Math.min(saved, openItemsMax - open))
}
