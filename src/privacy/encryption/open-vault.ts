import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { type Clock, systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import { type Reference, referencesUnder } from '../references.ts'
import { type InstallationKeys, openInstallationKeys } from './installation-keys.ts'
import { KeyCache, type LivingKey } from './key-cache.ts'
import { checkMasterKey } from './key-check.ts'
import { type KeyWrapping, wrappingId, wrapWithMasterKey } from './key-wrapping.ts'
import {
  createSubjectKeys,
  type DataKeyRow,
  destroySubjectKey,
  insertDataKey,
  readDataKey,
  readSubjectKeys,
} from './queries.ts'
import { openBytes, sealBytes } from './sealed-bytes.ts'
import type { PlainRecord, SealedRecord, Vault } from './vault.ts'
import { vouchUnder } from './vouch.ts'
import { wrapContext } from './wrap-context.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A quarter of the 2^32 random nonces that NIST SP 800-38D allows under one key. */
const recordsPerKeyMax = 2 ** 30
/** So long another process may go on sealing under a key that was destroyed here. */
export const cachedKeyAgeMaxMs = 60_000

export interface VaultOptions {
  pool: Pool
  /** From `loadMasterKey`, or a key management service that has it. */
  masterKey: KeyObject | KeyWrapping
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
 * Throws Problem `settings-invalid` when the database holds data that was sealed under another master key, and
 * `key-rotation-unfinished` while that key is being replaced.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { pool, masterKey, logger } = options
  const wrapping = 'wrap' in masterKey ? masterKey : wrapWithMasterKey(masterKey)
  const isNew = await checkMasterKey(pool, wrapping)
  const vault = new PostgresVault(options, wrapping, await openInstallationKeys(pool, wrapping, isNew))
  await vault.rotateDataKey()
  logger.debug({}, 'vault opened')
  return vault
}

/** The keys of an installation, for a process that needs no vault. Throws as `openVault`. */
export async function openInstallation(pool: Pool, masterKey: KeyObject | KeyWrapping): Promise<InstallationKeys> {
  const wrapping = 'wrap' in masterKey ? masterKey : wrapWithMasterKey(masterKey)
  return openInstallationKeys(pool, wrapping, await checkMasterKey(pool, wrapping))
}

/** The references of an installation, for a process that seals nothing. Throws as `openVault`. */
export async function openReferences(pool: Pool, masterKey: KeyObject | KeyWrapping): Promise<Reference> {
  return referencesUnder((await openInstallation(pool, masterKey)).references)
}

class PostgresVault implements Vault {
  readonly #pool: Pool
  readonly #logger: Logger
  readonly #clock: Clock
  readonly references: Reference
  readonly #wrapping: KeyWrapping
  readonly #keys: InstallationKeys
  readonly vouch: (text: string) => Buffer
  readonly #bySubject: KeyCache
  readonly #byId: KeyCache
  readonly #dataKeyAgeMaxMs: number
  readonly #dataKeyRecordsMax: number
  #dataKey: LivingKey | undefined
  #dataKeyMadeAtMs = 0
  #dataKeyRecordCount = 0
  #rotation: Promise<LivingKey> | undefined

  constructor(options: VaultOptions, wrapping: KeyWrapping, keys: InstallationKeys) {
    this.#pool = options.pool
    this.#logger = options.logger
    this.#clock = options.clock ?? systemClock
    this.#wrapping = wrapping
    this.#keys = keys
    this.references = referencesUnder(keys.references)
    this.vouch = vouchUnder(keys.audit)
    const cache = {
      sizeMax: options.cachedKeysMax ?? 10_000,
      ageMaxMs: options.cachedKeyAgeMaxMs ?? cachedKeyAgeMaxMs,
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
    return hmac(this.#keys.fingerprint, bytes)
  }

  indexOf(subject: string): Buffer {
    return hmac(this.#keys['subject index'], subject)
  }

  sign(line: string): Buffer {
    return hmac(this.#keys.tombstones, line)
  }

  async destroySubject(subject: string): Promise<boolean> {
    return (await this.destroyKey(this.indexOf(subject))) !== undefined
  }

  async findKey(subjectIndex: Buffer, db: Pool | ClientBase = this.#pool): Promise<string | undefined> {
    const [row] = await readSubjectKeys(db, [subjectIndex])
    return row?.key_id
  }

  async destroyKey(subjectIndex: Buffer, db: Pool | ClientBase = this.#pool): Promise<string | undefined> {
    const keyId = await destroySubjectKey(db, subjectIndex)
    this.#bySubject.delete(subjectIndex.toString('base64'))
    if (keyId === undefined) return undefined
    this.#byId.delete(keyId)
    this.#logger.info({ keyId }, 'subject key destroyed')
    return keyId
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
    const wrapped = await this.#wrapping.wrap(plain, wrapContext(undefined))
    const keyId = await insertDataKey(this.#pool, wrapped, wrappingId(this.#wrapping))
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
      const subjectIndex = this.indexOf(subject)
      const name = subjectIndex.toString('base64')
      const cached = this.#bySubject.get(name)
      if (cached) living.set(subject, cached)
      else unknown.set(name, { subject, subjectIndex })
    }
    if (unknown.size === 0) return living
    const offered = await Promise.all(
      [...unknown.values()].map(async ({ subjectIndex }) => {
        const plain = randomBytes(32)
        return { subjectIndex, plain, wrappedKey: await this.#wrapping.wrap(plain, wrapContext(subjectIndex)) }
      }),
    )
    const plainKeys = new Map(offered.map(({ wrappedKey, plain }) => [wrappedKey.toString('base64'), plain]))
    const take = async (rows: readonly DataKeyRow[]) => {
      for (const row of rows) {
        const name = row.subject_index?.toString('base64') ?? ''
        const asked = unknown.get(name)
        if (asked === undefined) continue
        unknown.delete(name)
        // Most are those just made, which are known without being opened.
        const plain = plainKeys.get(row.wrapped_key?.toString('base64') ?? '')
        const opened = plain ? { keyId: row.key_id, key: createSecretKey(plain) } : await this.#unwrap(row)
        this.#bySubject.set(name, opened)
        living.set(asked.subject, opened)
      }
    }
    await take(await createSubjectKeys(this.#pool, offered, wrappingId(this.#wrapping)))
    if (unknown.size > 0) {
      await take(
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
    const living = await this.#unwrap(row)
    this.#byId.set(keyId, living)
    return living
  }

  async #unwrap(row: DataKeyRow): Promise<LivingKey> {
    if (row.wrapped_key === null) throw new Problem('sealed-data-destroyed')
    const plain = await this.#wrapping.unwrap(row.wrapped_key, wrapContext(row.subject_index ?? undefined))
    return { keyId: row.key_id, key: createSecretKey(plain) }
  }
}

function hmac(key: KeyObject, content: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(content).digest()
}
