import type { ClientBase, Pool } from 'pg'
import type { Logger } from '../../contract/logger.ts'
import { cachedKeyAgeMaxMs } from '../encryption/open-vault.ts'
import type { Vault } from '../encryption/vault.ts'
import type { SubjectKind } from '../personal-data.ts'
import type { PersonalDataHolder } from './holder.ts'
import type { TombstoneFile } from './tombstone-file.ts'

/** What is written into the journal for targets and buses: nobody's name. */
export interface ErasedPerson {
  erasureId: string
  kind: SubjectKind
  reference: string
  recordIds: readonly string[]
}

export interface PrivacyAct {
  actor: string
  act: string
  object: string
  reason?: string
  details?: Readonly<Record<string, unknown>>
}

/** Everything that an erasure needs of the house; the stages are told by whoever puts the house together. */
export interface ErasureHouse {
  pool: Pool
  vault: Vault
  holders: readonly PersonalDataHolder[]
  tombstones: TombstoneFile
  /** Writes an act of a person down in the transaction that does it. */
  recordAct(db: Pool | ClientBase, act: PrivacyAct): Promise<void>
  /** Writes down which raw records a step has emptied, in its transaction. */
  noteEmptied(client: ClientBase, portion: string, erasureId: string): Promise<void>
  /** Tells targets and buses, in the transaction that ends the erasure. */
  appendErased(client: ClientBase, erased: ErasedPerson): Promise<void>
  /** There is something new in the journal. */
  notify?(): void
  logger: Logger
  /** So long after the rewriting the last look is taken: other processes have forgotten the key, attempts have ended. */
  settleMs?: number
}

/** As long as another process trusts a key, and longer than an attempt at a target may take by default. */
export const settleMsDefault = cachedKeyAgeMaxMs + 5_000
