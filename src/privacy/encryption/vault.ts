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

/** AES-256-GCM under keys that are themselves sealed by the master key. Destroying a key erases all it sealed. */
export interface Vault {
  seal(record: PlainRecord): Promise<SealedRecord>
  /** As `seal`, in order, with at most one statement for all unknown subjects. */
  sealAll(records: readonly PlainRecord[]): Promise<SealedRecord[]>
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
  /** Destroys the key of a blind index for ever, in the transaction of `db` where one is given, and says which one it was. */
  destroyKey(subjectIndex: Buffer, db?: Queryable): Promise<string | undefined>
  /** Destroys the subject's key and blind index for ever. `false`: no key of this subject was there. */
  destroySubject(subject: string): Promise<boolean>
}
