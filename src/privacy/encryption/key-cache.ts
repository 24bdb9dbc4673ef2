import type { KeyObject } from 'node:crypto'

export interface LivingKey {
  keyId: string
  key: KeyObject
}

interface Entry {
  living: LivingKey
  readAtMs: number
}

/** Opened keys by name, the least recently used dropped first; none is trusted for longer than `ageMaxMs`. */
export class KeyCache {
  readonly #entries = new Map<string, Entry>()
  readonly #sizeMax: number
  readonly #ageMaxMs: number
  readonly #now: () => number

  constructor(options: { sizeMax: number; ageMaxMs: number; now(): number }) {
    this.#sizeMax = options.sizeMax
    this.#ageMaxMs = options.ageMaxMs
    this.#now = options.now
  }

  get(name: string): LivingKey | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined) return undefined
    this.#entries.delete(name)
    if (this.#now() - entry.readAtMs >= this.#ageMaxMs) return undefined
    this.#entries.set(name, entry)
    return entry.living
  }

  /** `readAtMs`: when it was asked for, where the answer took time: its age begins then. */
  set(name: string, living: LivingKey, readAtMs = this.#now()): void {
    this.#entries.delete(name)
    this.#entries.set(name, { living, readAtMs })
    if (this.#entries.size > this.#sizeMax) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
  }

  delete(name: string): void {
    this.#entries.delete(name)
  }

  get size(): number {
    return this.#entries.size
  }
}
