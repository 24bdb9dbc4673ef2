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
import { destroySubjectKey, insertDataKey, readDataKey, readSubjectKeys } from './queries.ts'
import { openBytes, sealBytes } from './sealed-bytes.ts'
import { SubjectKeys } from './subject-keys.ts'
import { unwrapKey } from './unwrap-key.ts'
import type { MadeKey, PlainRecord, SealedGroup, SealedInGroup, SealedRecord, Vault } from './vault.ts'
import { vouchUnder } from './vouch.ts'
import { wrapContext } from './wrap-context.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A quarter of the 2^32 random nonces that NIST SP 800-38D allows under one key. */
const recordsPerKeyMax = 2 ** 30
/** So long another process may go on sealing under a key that was destroyed here. */
export const cachedKeyAgeMaxMs = 60_000
/** Once is the rule; twice where another process meets a new person in the same moment. */
const sealingRoundsMax = 5

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
  readonly #ofSubjects: SubjectKeys
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
    this.#ofSubjects = new SubjectKeys({
      pool: options.pool,
      wrapping,
      cache: new KeyCache(cache),
      indexOf: (subject) => this.indexOf(subject),
      now: cache.now,
    })
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
    const living = await this.#ofSubjects.findOrMake(subjectsOf(records))
    const sealed: SealedRecord[] = []
    for (const record of records) {
      const { keyId, key } = keyOf(living, record) ?? this.#freshDataKey() ?? (await this.rotateDataKey())
      if (record.subject === undefined) this.#dataKeyRecordCount += 1
      sealed.push({ keyId, bytes: sealBytes(key, record.plain, record.associatedData) })
    }
    return sealed
  }

  async sealTogether<Result>(
    records: readonly PlainRecord[],
    write: (group: SealedGroup) => Promise<{ made: readonly MadeKey[]; result: Result } | undefined>,
  ): Promise<Result> {
    const subjects = subjectsOf(records)
    for (let round = 0; round < sealingRoundsMax; round += 1) {
      const { living, offers } = await this.#ofSubjects.findOrOffer(subjects)
      const ofPersons = new Map<string, { keyId?: string; offer?: number; key: KeyObject }>(living)
      for (const [at, { subject, key }] of offers.entries()) ofPersons.set(subject, { offer: at + 1, key })
      const sealed: SealedInGroup[] = []
      for (const record of records) {
        const under = keyOf(ofPersons, record) ?? this.#freshDataKey() ?? (await this.rotateDataKey())
        if (record.subject === undefined) this.#dataKeyRecordCount += 1
        const bytes = sealBytes(under.key, record.plain, record.associatedData)
        sealed.push({ keyId: under.keyId, offer: 'offer' in under ? under.offer : undefined, bytes })
      }
      const sentAtMs = this.#clock.now()
      const written = await write({ records: sealed, offered: offers, wrapping: wrappingId(this.#wrapping) })
      if (!written) continue
      this.#ofSubjects.keep(offers, written.made, sentAtMs)
      return written.result
    }
    // Made by others again and again, and destroyed at once each time.
    throw new Problem('storage-unavailable')
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

  async destroyKey(
    subjectIndex: Buffer,
    db: Pool | ClientBase = this.#pool,
    madeUntil?: Date,
  ): Promise<string | undefined> {
    const keyId = await destroySubjectKey(db, subjectIndex, madeUntil)
    this.#ofSubjects.forget(subjectIndex)
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

  async #keyById(keyId: string): Promise<LivingKey> {
    if (this.#dataKey?.keyId === keyId) return this.#dataKey
    const cached = this.#byId.get(keyId)
    if (cached) return cached
    const row = await readDataKey(this.#pool, keyId)
    if (row === undefined) throw new Problem('sealed-data-unreadable')
    const living = await unwrapKey(this.#wrapping, row)
    this.#byId.set(keyId, living)
    return living
  }
}

function subjectsOf(records: readonly PlainRecord[]): Set<string> {
  const subjects = new Set<string>()
  for (const { subject } of records) if (subject !== undefined) subjects.add(subject)
  return subjects
}

function keyOf<Key>(keys: ReadonlyMap<string, Key>, { subject }: PlainRecord): Key | undefined {
  return subject === undefined ? undefined : keys.get(subject)
}

function hmac(key: KeyObject, content: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(content).digest()
}
