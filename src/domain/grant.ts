import type { StoreProfile } from './store.ts'

/** A role that somebody has for all stores of a legal entity, of a region, for one store, or, where nothing is said, for everything. */
export interface Grant {
  role: string
  legalEntity?: string
  region?: string
  store?: string
}

/** Which stores lie where a grant says, as far as is known now: stores may move. */
export type FindStores = (grant: Grant) => readonly string[] | 'every'

/** Looks among these stores; the one of a grant for a store need not be one of them. */
export function storeFinder(
  stores: readonly Pick<StoreProfile, 'businessUnitId' | 'legalEntity' | 'region'>[],
): FindStores {
  const [byLegalEntity, byRegion] = [new Map<string, string[]>(), new Map<string, string[]>()]
  const add = (map: Map<string, string[]>, name: string | undefined, id: string) => {
    if (name !== undefined) map.set(name, [...(map.get(name) ?? []), id])
  }
  for (const { businessUnitId, legalEntity, region } of stores) {
    add(byLegalEntity, legalEntity, businessUnitId)
    add(byRegion, region, businessUnitId)
  }
  return ({ legalEntity, region, store }) => {
    if (store !== undefined) return [store]
    if (region !== undefined) return byRegion.get(region) ?? []
    if (legalEntity !== undefined) return byLegalEntity.get(legalEntity) ?? []
    return 'every'
  }
}
