import { timingSafeEqual } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem } from '../../contract/problem.ts'
import type { Vault } from '../encryption/vault.ts'
import type { SubjectKind } from '../personal-data.ts'

/** That somebody was erased: enough to find the person again in an older copy of the database, and no name. */
export interface Tombstone {
  erasureId: string
  kind: SubjectKind
  reference: string
  subjectIndex: Buffer
  requestedAt: Date
}

/**
 * Tombstones outside the database, one line each, so that a restored copy cannot bring an erased person back. A line carries a
 * keyed hash: what somebody else wrote, or what another installation did, erases nobody.
 */
export class TombstoneFile {
  readonly path: string
  readonly #vault: Pick<Vault, 'sign'>

  constructor(path: string, vault: Pick<Vault, 'sign'>) {
    this.path = path
    this.#vault = vault
  }

  /** Durable when it resolves. */
  async append(tombstones: readonly Tombstone[]): Promise<void> {
    if (tombstones.length === 0) return
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    const isNew = (await this.#read()) === undefined
    await using file = await open(this.path, 'a+', 0o600)
    const { size } = await file.stat()
    const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: Math.max(0, size - 1) })
    // What a crash cut off must not swallow the next line.
    const before = size > 0 && buffer.toString() !== '\n' ? '\n' : ''
    await file.appendFile(before + tombstones.map((one) => `${this.#lineOf(one)}\n`).join(''))
    await file.sync()
    if (isNew) await syncDirectory(dirname(this.path))
  }

  /** By id of the erasure; a line that a crash cut off is none. Throws Problem `tombstones-unreadable`. */
  async read(): Promise<Map<string, Tombstone>> {
    const tombstones = new Map<string, Tombstone>()
    for (const line of ((await this.#read()) ?? '').split('\n')) {
      const parts = partsOf(line)
      if (!parts) continue
      const tombstone = this.#tombstoneOf(parts)
      if (!tombstone) throw new Problem('tombstones-unreadable')
      tombstones.set(tombstone.erasureId, tombstone)
    }
    return tombstones
  }

  #read(): Promise<string | undefined> {
    return readUnlessAbsent(this.path)
  }

  #lineOf(tombstone: Tombstone): string {
    const content = contentOf(tombstone)
    return JSON.stringify({ ...content, mac: this.#vault.sign(JSON.stringify(content)).toString('base64url') })
  }

  #tombstoneOf({ mac, ...content }: Line): Tombstone | undefined {
    const { erasureId, kind, reference, subjectIndex, requestedAt } = content
    const tombstone: Tombstone = {
      erasureId,
      kind,
      reference,
      subjectIndex: Buffer.from(subjectIndex, 'base64url'),
      requestedAt: new Date(requestedAt),
    }
    const expected = this.#vault.sign(JSON.stringify(content))
    const given = Buffer.from(mac, 'base64url')
    return given.length === expected.length && timingSafeEqual(given, expected) ? tombstone : undefined
  }
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The ids of erasures that a file names, for a process that has no key to tell who wrote it: a line of somebody else makes it refuse a
 * database, and erases nobody. Throws Problem `tombstones-unreadable`.
 */
export async function readTombstoneIds(path: string): Promise<string[]> {
  const parts = ((await readUnlessAbsent(path)) ?? '').split('\n').flatMap((line) => partsOf(line) ?? [])
  if (!parts.every(({ erasureId }) => uuid.test(erasureId))) throw new Problem('tombstones-unreadable')
  return parts.map(({ erasureId }) => erasureId)
}

async function readUnlessAbsent(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

type Content = Record<'erasureId' | 'reference' | 'subjectIndex' | 'requestedAt', string> & { kind: SubjectKind }
type Line = Content & { mac: string }

function contentOf({ erasureId, kind, reference, subjectIndex, requestedAt }: Tombstone): Content {
  const index = subjectIndex.toString('base64url')
  return { erasureId, kind, reference, subjectIndex: index, requestedAt: requestedAt.toISOString() }
}

/** Undefined: no whole line. */
function partsOf(line: string): Line | undefined {
  if (!line.endsWith('}')) return undefined
  try {
    const parts = JSON.parse(line) as Line
    const isWhole = [
      parts.erasureId,
      parts.kind,
      parts.reference,
      parts.subjectIndex,
      parts.requestedAt,
      parts.mac,
    ].every((part) => typeof part === 'string')
    if (!isWhole) throw new Problem('tombstones-unreadable')
    return parts
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory, and keeps new names in its own journal.
  if (process.platform === 'win32') return
  await using directory = await open(path, 'r')
  await directory.sync()
}
