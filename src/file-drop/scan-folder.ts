import { lstat, readdir } from 'node:fs/promises'
import { sep } from 'node:path'
import type { ProblemCode } from '../contract/problem.ts'
import { unlessAbsent } from '../durable-files/write-durably.ts'
import { outcomes } from './layout.ts'

/** Something in the folder. Names are bytes: not every one is text. */
export interface Found {
  path: Buffer
  /** The name as text; undefined where it is none. */
  name: string | undefined
  bytes: number
  mtimeMs: number
  /** Why it will not be taken. */
  fault: ProblemCode | undefined
}

/** Looked at in one scan; the others come in the next. */
const foundMax = 10_000

/** Names under which files are still written. */
const unfinished = /^\.|\.(part|tmp|temp|partial|filepart|crdownload|swp|writing)$|~$/i
const manifest = /\.manifest\.json$/i

/** A file that is whole says so by standing still. */
export class FolderScanner {
  #directory: string
  #stableMs: number
  #seen = new Map<string, { mark: string; sinceMs: number }>()

  constructor(directory: string, stableMs: number) {
    this.#directory = directory
    this.#stableMs = stableMs
  }

  /** What can be taken now, the oldest first, and how much is still being written. */
  async scan(nowMs: number): Promise<{ ready: Found[]; growing: number }> {
    const entries = await readdir(Buffer.from(this.#directory), { withFileTypes: true, encoding: 'buffer' })
    const ready: Found[] = []
    const seen = new Map<string, { mark: string; sinceMs: number }>()
    for (const entry of entries.slice(0, foundMax)) {
      const name = textOf(entry.name)
      if (entry.isDirectory() || isPassedOver(name)) continue
      const path = Buffer.concat([Buffer.from(this.#directory + sep), entry.name])
      const stat = await lstat(path).catch(unlessAbsent)
      if (!stat || stat.isDirectory()) continue
      const mark = `${stat.size}/${stat.mtimeMs}/${stat.ino}`
      const key = entry.name.toString('hex')
      const before = this.#seen.get(key)
      const sinceMs = before?.mark === mark ? before.sinceMs : nowMs
      seen.set(key, { mark, sinceMs })
      if (nowMs - sinceMs < this.#stableMs) continue
      const fault = stat.isFile() && stat.nlink <= 1 ? faultOf(name) : 'file-not-plain'
      ready.push({ path, name, bytes: stat.size, mtimeMs: stat.mtimeMs, fault })
    }
    this.#seen = seen
    ready.sort((one, other) => one.mtimeMs - other.mtimeMs || Buffer.compare(one.path, other.path))
    return { ready, growing: seen.size - ready.length }
  }
}

function isPassedOver(name: string | undefined): boolean {
  return name !== undefined && (unfinished.test(name) || manifest.test(name) || outcomes.some((one) => one === name))
}

/** Names that a shell, a terminal or a path would understand otherwise. */
function faultOf(name: string | undefined): ProblemCode | undefined {
  const isOdd =
    name === undefined || /\p{C}/u.test(name) || /^-|\.\.|[\\/:*?"<>|]/.test(name) || Buffer.byteLength(name) > 200
  return isOdd ? 'file-name-unsafe' : undefined
}

function textOf(name: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(name)
  } catch {
    return undefined
  }
}
