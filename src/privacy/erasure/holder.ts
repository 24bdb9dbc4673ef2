import type { ClientBase, Pool } from 'pg'
import type { Vault } from '../encryption/vault.ts'
import type { Reference } from '../references.ts'
import type { NameFinder } from './name-finder.ts'

export type Counts = Readonly<Record<string, number>>

/** The person as a holder must know them. */
export interface Erasing {
  erasureId: string
  /** Under which name the raw records that this step empties are noted. */
  portion: string
  subjectIndex: Buffer
  /** Keys that were the person's. */
  keyIds: readonly string[]
  reference: string
  /** When it was asked for; absent: it is only looked. */
  requestedAt?: Date
  refer: Reference
  /** Absent where a tombstone is replayed and nothing in clear is left to learn the id from. */
  names?: NameFinder
  vault: Vault
}

export interface Stretch {
  counts: Counts
  /** Records that turned out to be about the person, to be rewritten like the others. */
  found?: readonly string[]
  /** Where to go on; absent: all was looked through. */
  next?: string
}

/** A stage that keeps something about persons. It owns its tables; the erasure only says whose data goes. */
export interface PersonalDataHolder {
  name: string
  /** Records that an index leads to. `until`: those recorded since are about somebody who came anew. */
  find?(db: ClientBase, erasing: Erasing, until?: Date): Promise<string[]>
  /** Persons whom these records name in clear, as `subjectsOf` names them. */
  namesIn?(db: ClientBase, recordIds: readonly string[]): Promise<string[]>
  /** Rewrites what it keeps of these records, in the transaction of the caller. Again it changes nothing. */
  rewrite?(db: ClientBase, recordIds: readonly string[], erasing: Erasing): Promise<Counts>
  /** Looks through a stretch of what no index leads to, in the transaction of the caller. */
  sweep?(db: ClientBase, after: string | undefined, erasing: Erasing): Promise<Stretch>
  /** What still names the person and comes to its end by itself; the erasure is not over before. */
  countOpen?(db: Pool, erasing: Erasing): Promise<number>
  /** Forgets how the records were found. */
  forget?(db: ClientBase, erasing: Erasing): Promise<void>
  /** Everything it keeps of these records, as a person may read it. */
  export?(db: Pool, recordIds: readonly string[], vault: Vault): Promise<unknown>
}
