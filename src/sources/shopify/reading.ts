import type { ReadContext, SourceAccount } from '../../contract/source.ts'
import type { StoreProfile } from '../../domain/store.ts'
import { Unreadable } from './unreadable.ts'

/** What one object is read with: whose it is, and what is noticed on the way. */
export interface Reading {
  account: SourceAccount
  store(businessUnitId: string): StoreProfile
  /** Vendor values nobody knew, as `field=value`. */
  unknownValues: string[]
}

export function beginReading(account: SourceAccount, context: ReadContext): Reading {
  return { account, store: context.store, unknownValues: [] }
}

/** Notes a word of a closed list that nobody knows. Shopify's words are short; what is longer is none, and no metric counts it. */
export function noteUnknown({ unknownValues }: Reading, field: string, word: string): void {
  if (unknownValues.length < 100) unknownValues.push(`${field}=${word.slice(0, 64)}`)
}

/** Our store for a location of Shopify; undefined: sold in none, online. Throws `Unreadable` where nobody mapped it. */
export function storeFor({ account }: Reading, location: string | undefined): string {
  const store = account.storeOf(location)
  if (store !== undefined) return store
  const detail =
    location === undefined
      ? 'It belongs to no location, and the account has no onlineStore.'
      : 'Its location_id is not among the locations of the account.'
  throw new Unreadable('unmapped-location', detail)
}
