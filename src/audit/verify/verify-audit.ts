import type { KeyObject } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { vouchUnder } from '../../privacy/encryption/vouch.ts'
import type { Reference } from '../../privacy/references.ts'
import { beginning, type Checkpoint, type Reach } from '../seal/checkpoint.ts'
import { openLines } from '../seal/checkpoint-file.ts'
import { entryLength, rootOfEntries } from '../seal/entry.ts'
import { readCheckpointLines, readKeys, readLastCheckpoint, readSealedEntries } from '../seal/queries.ts'
import { countUnsealed } from '../seal/seal.ts'
import { isVouchedFor } from '../seal/signing-key.ts'
import { type Chain, emptyChain, followChain } from './chain.ts'
import { compareEntries } from './compare-entries.ts'
import { Emptyings } from './emptyings.ts'
import type { Fault } from './fault.ts'

type Queryable = Pool | ClientBase

export interface VerifyOptions {
  auditKey: KeyObject
  refer: Reference
  /** Undefined: the database is believed to have all checkpoints. */
  file?: string
  /** Entries of earlier checkpoints are not read again: a number, or when it was sealed. The chain is always followed from its start. */
  since?: number | Date
  onProgress?: (progress: { checkpoint: number; checkpointsInAll: number; entries: number }) => void
}

export interface AuditReport {
  fault?: Fault
  /** That were followed, and whose entries were read again. */
  checkpoints: number
  entries: number
  /** Raw records whose bytes an erasure or a rule of retention took away: of them only the hash that was noted is compared. */
  emptied: number
  /** Events whose free text an erasure took away: all that is left of them is compared with what was noted then. */
  emptiedTexts: number
  lastSealedAt?: string
  /** Younger than the last checkpoint: nothing can be said of them yet. At most `unsealedMax` of each kind are counted. */
  unsealed: number
  /** How many checkpoints the file has; undefined: there is none. */
  checkpointsInFile?: number
}

export const unsealedMax = 1_000_000
const linesMax = 200

interface Walk {
  db: Queryable
  options: VerifyOptions
  isKnownKey(key: string): boolean
  fileLines: AsyncIterator<string> | undefined
  emptyings: Emptyings
  chain: Chain
  reach: Reach
  report: AuditReport
}

/**
 * Reads everything that was sealed once more and gives back the first thing that is not as it was. Events may go on coming in. Memory
 * does not grow with the journal.
 */
export async function verifyAudit(db: Queryable, options: VerifyOptions): Promise<AuditReport> {
  const { auditKey, file } = options
  // Before the database is asked: a checkpoint is there first, and then in the file.
  const fileLines = file === undefined ? undefined : await openLines(file)
  const known = new Set((await readKeys(db)).filter((one) => isVouchedFor(one, auditKey)).map(({ key }) => key))
  const report: AuditReport = {
    checkpoints: 0,
    entries: 0,
    emptied: 0,
    emptiedTexts: 0,
    unsealed: 0,
    ...(fileLines && { checkpointsInFile: 0 }),
  }
  const isKnownKey = (key: string) => known.has(key)
  const emptyings = new Emptyings(db, vouchUnder(auditKey))
  const walk: Walk = { db, options, isKnownKey, fileLines, emptyings, chain: emptyChain, reach: beginning, report }
  try {
    const fault = await walkAll(walk)
    if (fault) report.fault = fault
  } finally {
    await fileLines?.return?.()
  }
  report.unsealed = (await countUnsealed(db, walk.reach, unsealedMax)).count
  return report
}

async function walkAll(walk: Walk): Promise<Fault | undefined> {
  const last = Number((await readLastCheckpoint(walk.db))?.checkpointNo ?? 0)
  while (walk.chain.checkpoint < last) {
    const from = walk.chain.checkpoint === 0 ? Number.MIN_SAFE_INTEGER : walk.chain.checkpoint + 1
    for (const { checkpointNo, line } of await readCheckpointLines(walk.db, from, linesMax)) {
      const checkpoint = walk.chain.checkpoint + 1
      if (checkpoint > last) break
      const fileLine = await nextFileLine(walk)
      const isThere = Number(checkpointNo) === checkpoint
      const fault = await checkOne(walk, isThere ? line : undefined, fileLine)
      if (fault) return fault
      walk.options.onProgress?.({ checkpoint, checkpointsInAll: last, entries: walk.report.entries })
    }
  }
  const more = await nextFileLine(walk)
  return more === undefined ? undefined : { kind: 'truncated', checkpoint: walk.chain.checkpoint + 1 }
}

async function nextFileLine({ fileLines, report }: Walk): Promise<string | undefined> {
  const next = await fileLines?.next()
  if (!next || next.done) return undefined
  report.checkpointsInFile = (report.checkpointsInFile ?? 0) + 1
  return next.value
}

/** One checkpoint: the line in the database, that in the file, the list of entries, the entries themselves. */
async function checkOne(
  walk: Walk,
  line: string | undefined,
  fileLine: string | undefined,
): Promise<Fault | undefined> {
  const number = walk.chain.checkpoint + 1
  if (line === undefined) return { kind: 'checkpoint-missing', checkpoint: number }
  const link = followChain(walk.chain, line, walk.isKnownKey)
  if (typeof link === 'string') {
    // What was signed may still be in the file, and tell which entry it is about.
    const outside = fileLine === undefined ? link : followChain(walk.chain, fileLine, walk.isKnownKey)
    const fault = typeof outside === 'string' ? undefined : await checkEntries(walk, outside.checkpoint)
    return fault?.entry ? fault : { kind: link, checkpoint: number }
  }
  if (fileLine !== undefined && fileLine !== line) {
    const outside = followChain(walk.chain, fileLine, walk.isKnownKey)
    return { kind: typeof outside === 'string' ? 'file-altered' : 'file-differs', checkpoint: number }
  }
  const { checkpoint, chain } = link
  const fault = isAsked(checkpoint, walk.options.since) ? await checkEntries(walk, checkpoint) : undefined
  if (fault) return fault
  walk.chain = chain
  walk.reach = reachOf(checkpoint)
  walk.report.checkpoints += 1
  walk.report.lastSealedAt = checkpoint.at
  return undefined
}

async function checkEntries(walk: Walk, checkpoint: Checkpoint): Promise<Fault | undefined> {
  const { db, options, emptyings, reach, chain, report } = walk
  const entries = await readSealedEntries(db, checkpoint.checkpoint)
  const range = { from: reach, until: reachOf(checkpoint), entries }
  const compared = await compareEntries(db, { refer: options.refer, emptyings }, range)
  const { difference } = compared
  const isList = entries.length === checkpoint.entries * entryLength && rootOfEntries(entries) === checkpoint.root
  const at = { checkpoint: checkpoint.checkpoint }
  const entry = difference?.entry.id
    ? { ...difference.entry, place: chain.entriesInAll + difference.index + 1 }
    : undefined
  // A list that is not what was signed says nothing of the entry that differs from it.
  if (!isList) return { kind: 'checkpoint-altered', ...at, ...(entry && { entry }) }
  if (difference) return { kind: difference.kind, ...at, ...(entry && { entry }) }
  report.entries += checkpoint.entries
  report.emptied += compared.emptied
  report.emptiedTexts += compared.emptiedTexts
  return undefined
}

function isAsked({ checkpoint, at }: Checkpoint, since: number | Date | undefined): boolean {
  if (since === undefined) return true
  return since instanceof Date ? Date.parse(at) >= since.getTime() : checkpoint >= since
}

function reachOf({ journal, conflicts, acts }: Checkpoint): Reach {
  return { journal, conflicts, acts }
}
