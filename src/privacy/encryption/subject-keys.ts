import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import type { KeyCache, LivingKey } from './key-cache.ts'
import { type KeyWrapping, wrappingId } from './key-wrapping.ts'
import { createSubjectKeys, type DataKeyRow, readSubjectKeys } from './queries.ts'
import { unwrapKey } from './unwrap-key.ts'
import type { MadeKey, OfferedKey } from './vault.ts'
import { wrapContext } from './wrap-context.ts'

const keyBytes = 32

export interface SubjectKeysOptions {
  pool: Pool
  wrapping: KeyWrapping
  /** Of people, by the base64 of their blind index. */
  cache: KeyCache
  indexOf(subject: string): Buffer
  /** Milliseconds since 1970. */
  now(): number
}

/** A person whose key is not in memory. `name`: in the cache. */
interface Asked {
  subject: string
  subjectIndex: Buffer
  name: string
}

/** A key that is in no table yet. */
interface Offer extends Asked, OfferedKey {
  key: KeyObject
}

/** The keys of people: found in memory or in the database, or made. */
export class SubjectKeys {
  readonly #pool: Pool
  readonly #wrapping: KeyWrapping
  readonly #cache: KeyCache
  readonly #indexOf: (subject: string) => Buffer
  readonly #now: () => number

  constructor({ pool, wrapping, cache, indexOf, now }: SubjectKeysOptions) {
    this.#pool = pool
    this.#wrapping = wrapping
    this.#cache = cache
    this.#indexOf = indexOf
    this.#now = now
  }

  /** The keys of these people by their names; missing ones are made at once, in a commit of their own. */
  async findOrMake(subjects: ReadonlySet<string>): Promise<Map<string, LivingKey>> {
    const { living, unknown } = this.#recall(subjects)
    if (unknown.size === 0) return living
    const offers = await this.#offer(unknown.values())
    const made = new Map(offers.map(({ wrappedKey, key }) => [wrappedKey.toString('base64'), key]))
    const askedAtMs = this.#now()
    const rows = await createSubjectKeys(this.#pool, offers, wrappingId(this.#wrapping))
    await this.#take(rows, { unknown, living, askedAtMs, made })
    if (unknown.size > 0) await this.#read(unknown, living)
    // Made by another process and destroyed at once: the subject asked to be forgotten in this very moment.
    if (unknown.size > 0) throw new Problem('storage-unavailable')
    return living
  }

  /** The keys of these people by their names, and new ones for those who have none, which are nobody's until they are written. */
  async findOrOffer(
    subjects: ReadonlySet<string>,
  ): Promise<{ living: Map<string, LivingKey>; offers: readonly Offer[] }> {
    const { living, unknown } = this.#recall(subjects)
    if (unknown.size > 0) await this.#read(unknown, living)
    return { living, offers: await this.#offer(unknown.values()) }
  }

  /** Remembers offered keys since they are written. `sentAtMs`: when they were sent, for nobody can have destroyed them before. */
  keep(offers: readonly Offer[], made: readonly MadeKey[], sentAtMs: number): void {
    const keyIds = new Map(made.map(({ subjectIndex, keyId }) => [nameOf(subjectIndex), keyId]))
    for (const { name, key } of offers) {
      const keyId = keyIds.get(name)
      if (keyId !== undefined) this.#cache.set(name, { keyId, key }, sentAtMs)
    }
  }

  forget(subjectIndex: Buffer): void {
    this.#cache.delete(nameOf(subjectIndex))
  }

  #recall(subjects: ReadonlySet<string>): { living: Map<string, LivingKey>; unknown: Map<string, Asked> } {
    const living = new Map<string, LivingKey>()
    const unknown = new Map<string, Asked>()
    for (const subject of subjects) {
      const subjectIndex = this.#indexOf(subject)
      const name = nameOf(subjectIndex)
      const cached = this.#cache.get(name)
      if (cached) living.set(subject, cached)
      else unknown.set(name, { subject, subjectIndex, name })
    }
    return { living, unknown }
  }

  #offer(unknown: Iterable<Asked>): Promise<Offer[]> {
    const asked = [...unknown]
    // Drawn for all at once: a draw costs more than what it gives.
    const random = randomBytes(keyBytes * asked.length)
    return Promise.all(
      asked.map(async (one, at) => {
        const plain = random.subarray(keyBytes * at, keyBytes * (at + 1))
        const wrappedKey = await this.#wrapping.wrap(plain, wrapContext(one.subjectIndex))
        return { ...one, wrappedKey, key: createSecretKey(plain) }
      }),
    )
  }

  async #read(unknown: Map<string, Asked>, living: Map<string, LivingKey>): Promise<void> {
    const askedAtMs = this.#now()
    const indexes = [...unknown.values()].map(({ subjectIndex }) => subjectIndex)
    await this.#take(await readSubjectKeys(this.#pool, indexes), { unknown, living, askedAtMs })
  }

  /** Moves who was found from the unknown to the living. Most are often those just made, which are known without being opened. */
  async #take(
    rows: readonly DataKeyRow[],
    {
      unknown,
      living,
      askedAtMs,
      made,
    }: {
      unknown: Map<string, Asked>
      living: Map<string, LivingKey>
      askedAtMs: number
      made?: ReadonlyMap<string, KeyObject>
    },
  ): Promise<void> {
    for (const row of rows) {
      const name = row.subject_index === null ? '' : nameOf(row.subject_index)
      const asked = unknown.get(name)
      if (asked === undefined) continue
      unknown.delete(name)
      const key = made?.get(row.wrapped_key?.toString('base64') ?? '')
      const opened = key ? { keyId: row.key_id, key } : await unwrapKey(this.#wrapping, row)
      this.#cache.set(name, opened, askedAtMs)
      living.set(asked.subject, opened)
    }
  }
}

function nameOf(subjectIndex: Buffer): string {
  return subjectIndex.toString('base64')
}
