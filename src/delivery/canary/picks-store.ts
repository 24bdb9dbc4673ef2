import { createHash } from 'node:crypto'

/** Which stores go through a canary: these, or a share of all. */
export interface CanaryStores {
  stores?: readonly string[] | undefined
  percent?: number | undefined
}

/**
 * Whether a store is among them. The share goes by a hash of the store alone: every process chooses the same ones, and those of a
 * smaller percentage are among those of a larger one.
 */
export function picksStore({ stores, percent }: CanaryStores): (businessUnitId: string) => boolean {
  if (stores) {
    const chosen = new Set(stores)
    return (businessUnitId) => chosen.has(businessUnitId)
  }
  const share = (percent ?? 0) / 100
  return (businessUnitId) => placeOf(businessUnitId) < share
}

/** A number in [0, 1), the same for ever. */
function placeOf(businessUnitId: string): number {
  return createHash('sha256').update(businessUnitId).digest().readUInt32BE(0) / 2 ** 32
}
