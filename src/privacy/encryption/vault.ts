import type { ClientBase, Pool } from 'pg'
import type { Reference } from '../references.ts'

type Queryable = Pool | ClientBase

/** Something to be encrypted. */
export interface PlainRecord {
  plain: Uint8Array
  /** Id of the row that will hold it: sealed bytes that are moved to another row do not open. */
  associatedData: string
  /** Whose data it is, as `subjectOf` names people. Without one, the day's data key is used. */
  subject?: string
}

export interface SealedRecord {
  /** Row of `data_keys`, a bigint as text. */
  keyId: string
  /** Version (1 byte), nonce (12), ciphertext, tag (16). */
  bytes: Buffer
}

/** A new key of a person, in no table yet. */
export interface OfferedKey {
  /** The person, as in `Vault.indexOf`. */
  subjectIndex: Buffer
  /** The key, sealed by the master key. */
  wrappedKey: Buffer
}

/** An offered key that was written. */
export interface MadeKey {
  subjectIndex: Buffer
  /** Row of `data_keys`, a bigint as text. */
  keyId: string
}

/** One of a group: under a key that has an id, or under one of those that are offered. */
export interface SealedInGroup {
  keyId: string | undefined
  /** Place among the offered keys, from 1. */
  offer: number | undefined
  /** As in `SealedRecord`. */
  bytes: Buffer
}

/** Records that were sealed to be written by one statement, and the keys that it must write with them. */
export interface SealedGroup {
  records: readonly SealedInGroup[]
  /** For `makeOfferedKeys`. */
  offered: readonly OfferedKey[]
  /** For `makeOfferedKeys`: the master key that wraps the offered ones. */
  wrapping: Buffer
}

/** AES-256-GCM under keys that are themselves sealed by the master key. Destroying a key erases all it sealed. */
export interface Vault {
  seal(record: PlainRecord): Promise<SealedRecord>
  /** As `seal`, in order, with at most one statement for all unknown subjects. */
  sealAll(records: readonly PlainRecord[]): Promise<SealedRecord[]>
  /**
   * As `sealAll`, for records that `write` writes in one commit with the keys of people who have none yet: a record is never there
   * without its key, whatever crashes, and nobody waits for two commits. `write` says which keys it made, or `undefined` where somebody else made
   * one of them meanwhile and it has written no record: then all is sealed anew under that key, and `write` is called again.
   */
  sealTogether<Result>(
    records: readonly PlainRecord[],
    write: (group: SealedGroup) => Promise<{ made: readonly MadeKey[]; result: Result } | undefined>,
  ): Promise<Result>
  /** Throws Problem `sealed-data-destroyed` after erasure, `sealed-data-unreadable` for altered or misplaced bytes. */
  open(sealed: { keyId: string | bigint; bytes: Uint8Array }, associatedData: string): Promise<Buffer>
  /** Keyed hash (HMAC-SHA-256, 32 bytes): finds the same bytes again without telling anybody without the key what they are. */
  fingerprint(bytes: Uint8Array): Buffer
  /** The name of a subject in tables: a keyed hash (HMAC-SHA-256, 32 bytes) that stays when the master key is replaced. */
  indexOf(subject: string): Buffer
  /** The names under which values leave the house. */
  readonly references: Reference
  /** Keyed hash under a key of its own, for lines that are kept outside the database. */
  sign(line: string): Buffer
  /** Keyed hash under a key of the audit, for notes that whoever owns the database must not be able to write. */
  vouch(text: string): Buffer
  /** The living key of a blind index. */
  findKey(subjectIndex: Buffer, db?: Queryable): Promise<string | undefined>
  /**
   * Destroys the key of a blind index for ever, in the transaction of `db` where one is given, and says which one it was.
   * `madeUntil`: a younger key stays.
   */
  destroyKey(subjectIndex: Buffer, db?: Queryable, madeUntil?: Date): Promise<string | undefined>
  /** Destroys the subject's key and blind index for ever. `false`: no key of this subject was there. */
  destroySubject(subject: string): Promise<boolean>
}
