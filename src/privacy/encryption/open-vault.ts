import { createHmac, createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Pool } from 'pg'
import { type Clock, systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import { KeyCache, type LivingKey } from './key-cache.ts'
import { deriveKey } from './master-key.ts'
import {
  createSubjectKeys,
  type DataKeyRow,
  destroySubjectKey,
  insertDataKey,
  readDataKey,
  readOrKeepKeyCheck,
  readSubjectKeys,
} from './queries.ts'
import { openBytes, sealBytes } from './sealed-bytes.ts'
import type { PlainRecord, SealedRecord, Vault } from './vault.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A quarter of the 2^32 random nonces that NIST SP 800-38D allows under one key. */
const recordsPerKeyMax = 2 ** 30

export interface VaultOptions {
  pool: Pool
  /** From `loadMasterKey`. */
  masterKey: KeyObject
  logger: Logger
  clock?: Clock
  /** Keys of people kept open in memory. */
  cachedKeysMax?: number
  /** After this time another process's erasure is seen here too. */
  cachedKeyAgeMaxMs?: number
  dataKeyAgeMaxMs?: number
  dataKeyRecordsMax?: number
}

/**
 * Opens the vault on a migrated database.
 *
 * Throws Problem `settings-invalid` when the database holds data that was sealed under another master key.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { pool, masterKey, logger } = options
  await checkMasterKey(pool, masterKey)
  const vault = new PostgresVault(options)
  await vault.rotateDataKey()
  logger.debug({}, 'vault opened')
  return vault
}

/** Throws Problem `settings-invalid` when the database holds data that was sealed under another master key. */
export async function checkMasterKey(pool: Pool, masterKey: KeyObject): Promise<void> {
  const keyCheck = hmac(deriveKey(masterKey, 'key check'), 'key check')
  const stored = await readOrKeepKeyCheck(pool, keyCheck)
  if (stored === undefined || stored.length !== keyCheck.length || !timingSafeEqual(stored, keyCheck)) {
    throw new Problem(
      'settings-invalid',
      'The data in this database was sealed with another master key. Restore that key.',
    )
  }
}

class PostgresVault implements Vault {
  readonly #pool: Pool
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #wrapKey: KeyObject
  readonly #indexKey: KeyObject
  readonly #fingerprintKey: KeyObject
  readonly #bySubject: KeyCache
  readonly #byId: KeyCache
  readonly #dataKeyAgeMaxMs: number
  readonly #dataKeyRecordsMax: number
  #dataKey: LivingKey | undefined
  #dataKeyMadeAtMs = 0
  #dataKeyRecordCount = 0
  #rotation: Promise<LivingKey> | undefined

  constructor(options: VaultOptions) {
    this.#pool = options.pool
    this.#logger = options.logger
    this.#clock = options.clock ?? systemClock
    this.#wrapKey = deriveKey(options.masterKey, 'key wrapping')
    this.#indexKey = deriveKey(options.masterKey, 'subject index')
    this.#fingerprintKey = deriveKey(options.masterKey, 'fingerprint')
    const cache = {
      sizeMax: options.cachedKeysMax ?? 10_000,
      ageMaxMs: options.cachedKeyAgeMaxMs ?? 60_000,
      now: () => this.#clock.now(),
    }
    this.#bySubject = new KeyCache(cache)
    this.#byId = new KeyCache(cache)
    this.#dataKeyAgeMaxMs = options.dataKeyAgeMaxMs ?? dayMs
    this.#dataKeyRecordsMax = options.dataKeyRecordsMax ?? recordsPerKeyMax
  }

  async seal(record: PlainRecord): Promise<SealedRecord> {
    const [sealed] = await this.sealAll([record])
    if (sealed === undefined) throw new Problem('internal-error')
    return sealed
  }

  async sealAll(records: readonly PlainRecord[]): Promise<SealedRecord[]> {
    const subjects = new Set<string>()
    for (const record of records) if (record.subject !== undefined) subjects.add(record.subject)
    const subjectKeys = await this.#subjectKeys(subjects)
    const sealed: SealedRecord[] = []
    for (const record of records) {
      const living = record.subject === undefined ? undefined : subjectKeys.get(record.subject)
      const { keyId, key } = living ?? this.#freshDataKey() ?? (await this.rotateDataKey())
      if (living === undefined) this.#dataKeyRecordCount += 1
      sealed.push({ keyId, bytes: sealBytes(key, record.plain, record.associatedData) })
    }
    return sealed
  }

  async open(sealed: { keyId: string | bigint; bytes: Uint8Array }, associatedData: string): Promise<Buffer> {
    const { key } = await this.#keyById(String(sealed.keyId))
    return openBytes(key, sealed.bytes, associatedData)
  }

  fingerprint(bytes: Uint8Array): Buffer {
    return hmac(this.#fingerprintKey, bytes)
  }

  async destroySubject(subject: string): Promise<boolean> {
    const subjectIndex = hmac(this.#indexKey, subject)
    const keyId = await destroySubjectKey(this.#pool, subjectIndex)
    this.#bySubject.delete(subjectIndex.toString('base64'))
    if (keyId === undefined) return false
    this.#byId.delete(keyId)
    this.#logger.info({ keyId }, 'subject key destroyed')
    return true
  }

  /** A new data key of this process; callers at the same time share one. */
  rotateDataKey(): Promise<LivingKey> {
    this.#rotation ??= this.#makeDataKey().finally(() => {
      this.#rotation = undefined
    })
    return this.#rotation
  }

  async #makeDataKey(): Promise<LivingKey> {
    const plain = randomBytes(32)
    const keyId = await insertDataKey(this.#pool, sealBytes(this.#wrapKey, plain, wrapContext(undefined)))
    const living = { keyId, key: createSecretKey(plain) }
    this.#dataKey = living
    this.#dataKeyMadeAtMs = this.#clock.now()
    this.#dataKeyRecordCount = 0
    this.#byId.set(keyId, living)
    return living
  }

  #freshDataKey(): LivingKey | undefined {
    const isOld = this.#clock.now() - this.#dataKeyMadeAtMs >= this.#dataKeyAgeMaxMs
    return isOld || this.#dataKeyRecordCount >= this.#dataKeyRecordsMax ? undefined : this.#dataKey
  }

  async #subjectKeys(subjects: ReadonlySet<string>): Promise<Map<string, LivingKey>> {
    const living = new Map<string, LivingKey>()
    const unknown = new Map<string, { subject: string; subjectIndex: Buffer }>()
    for (const subject of subjects) {
      const subjectIndex = hmac(this.#indexKey, subject)
      const name = subjectIndex.toString('base64')
      const cached = this.#bySubject.get(name)
      if (cached) living.set(subject, cached)
      else unknown.set(name, { subject, subjectIndex })
    }
    if (unknown.size === 0) return living
    const offered = [...unknown.values()].map(({ subjectIndex }) => ({
      subjectIndex,
      wrappedKey: sealBytes(this.#wrapKey, randomBytes(32), wrapContext(subjectIndex)),
    }))
    const take = (rows: readonly DataKeyRow[]) => {
      for (const row of rows) {
        const name = row.subject_index?.toString('base64') ?? ''
        const asked = unknown.get(name)
        if (asked === undefined) continue
        unknown.delete(name)
        const opened = this.#unwrap(row)
        this.#bySubject.set(name, opened)
        living.set(asked.subject, opened)
      }
    }
    take(await createSubjectKeys(this.#pool, offered))
    if (unknown.size > 0) {
      take(
        await readSubjectKeys(
          this.#pool,
          [...unknown.values()].map(({ subjectIndex }) => subjectIndex),
        ),
      )
    }
    // Made by another process and destroyed at once: the subject asked to be forgotten in this very moment.
    if (unknown.size > 0) throw new Problem('storage-unavailable')
    return living
  }

  async #keyById(keyId: string): Promise<LivingKey> {
    if (this.#dataKey?.keyId === keyId) return this.#dataKey
    const cached = this.#byId.get(keyId)
    if (cached) return cached
    const row = await readDataKey(this.#pool, keyId)
    if (row === undefined) throw new Problem('sealed-data-unreadable')
    const living = this.#unwrap(row)
    this.#byId.set(keyId, living)
    return living
  }

  #unwrap(row: DataKeyRow): LivingKey {
    if (row.wrapped_key === null) throw new Problem('sealed-data-destroyed')
    const plain = openBytes(this.#wrapKey, row.wrapped_key, wrapContext(row.subject_index ?? undefined))
    return { keyId: row.key_id, key: createSecretKey(plain) }
  }
}

/** A wrapped key that is moved to another subject's row does not open. */
function wrapContext(subjectIndex: Buffer | undefined): string {
  return subjectIndex === undefined ? 'data' : `subject ${subjectIndex.toString('base64')}`
}

function hmac(key: KeyObject, content: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(content).digest()
}
