import type { KeyObject } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import type { Clock } from '../../contract/clock.ts'
import { Problem } from '../../contract/problem.ts'
import { countConflictsBehind } from '../../intake/read-to-seal.ts'
import { countEventsBehind } from '../../journal/read-to-seal.ts'
import type { Reference } from '../../privacy/references.ts'
import { beginning, type Checkpoint, hashLine, noPrevious, type Reach, readLine, writeLine } from './checkpoint.ts'
import { encodeEntry, rootOfEntries } from './entry.ts'
import { leafVersion } from './leaf.ts'
import { countActsBehind, insertCheckpoint, insertKey, readKeys, readLastCheckpoint, retireKey } from './queries.ts'
import { readEntries } from './read-entries.ts'
import { inTransaction } from './seal-lock.ts'
import { type KeptKey, makeSigningKey, openSigningKey } from './signing-key.ts'

export interface Sealing {
  auditKey: KeyObject
  refer: Reference
  clock: Clock
  /** Events, conflicts and acts in one checkpoint, of each at most so many. */
  entriesMax: number
}

/** Where the chain ends. */
export interface ChainEnd {
  checkpoint: number
  at: string | undefined
  reach: Reach
  entriesInAll: number
  hash: string
}

/** Throws Problem `audit-checkpoint-broken` where the last line is none. */
export async function readChainEnd(db: Pool | ClientBase): Promise<ChainEnd> {
  const row = await readLastCheckpoint(db)
  if (!row) return { checkpoint: 0, at: undefined, reach: beginning, entriesInAll: 0, hash: noPrevious }
  const read = readLine(row.line)
  if (!read) throw new Problem('audit-checkpoint-broken', `Checkpoint ${row.checkpointNo} of the database is none.`)
  const { checkpoint, at, entriesInAll, journal, conflicts, acts } = read.checkpoint
  return { checkpoint, at, reach: { journal, conflicts, acts }, entriesInAll, hash: hashLine(row.line) }
}

/** Events, conflicts and acts behind the last checkpoint, of each counted up to `limit`, and since when the first event waits. */
export async function countUnsealed(
  db: Pool | ClientBase,
  { journal, conflicts, acts }: Reach,
  limit: number,
): Promise<{ count: number; oldestAt: Date | null }> {
  const events = await countEventsBehind(db, journal, limit)
  const others = (await countConflictsBehind(db, conflicts, limit)) + (await countActsBehind(db, acts, limit))
  return { count: events.count + others, oldestAt: events.oldestAt }
}

/**
 * Seals what lies behind the last checkpoint, and gives back how many entries that were; nothing is written where there are none.
 * Call it with the lock (`whileSealing`).
 */
export async function sealNext(client: ClientBase, sealing: Sealing, end: ChainEnd): Promise<number> {
  const { entries, count, reach } = await collectEntries(client, sealing, end.reach)
  if (count === 0) return 0
  const kept = await keyInUse(client)
  const key = kept ?? makeSigningKey(sealing.auditKey)
  const line = writeCheckpoint(sealing, end, { key, entries, count, reach })
  await inTransaction(client, async () => {
    if (!kept) await insertKey(client, key.key, key.sealedPrivate, key.voucher)
    await insertCheckpoint(client, { checkpointNo: end.checkpoint + 1, line, entries })
  })
  return count
}

/**
 * Hands over to a new key, in a checkpoint that the old one signs and with which its private part is destroyed. `within` is done in
 * the same transaction. Call it with the lock.
 */
export async function sealRotation(
  client: ClientBase,
  sealing: Sealing,
  within: (keys: { from: string; to: string; checkpoint: number }) => Promise<void>,
): Promise<{ from: string; to: string; checkpoint: number }> {
  const end = await readChainEnd(client)
  const old = await keyInUse(client)
  if (!old) throw new Problem('audit-no-key')
  const { entries, count, reach } = await collectEntries(client, sealing, end.reach)
  const next = makeSigningKey(sealing.auditKey)
  const line = writeCheckpoint(sealing, end, { key: old, entries, count, reach, nextKey: next.key })
  const rotated = { from: old.key, to: next.key, checkpoint: end.checkpoint + 1 }
  await inTransaction(client, async () => {
    await retireKey(client)
    await insertKey(client, next.key, next.sealedPrivate, next.voucher)
    await insertCheckpoint(client, { checkpointNo: rotated.checkpoint, line, entries })
    await within(rotated)
  })
  return rotated
}

async function collectEntries(client: ClientBase, { refer, entriesMax }: Sealing, from: Reach) {
  const encoded: Buffer[] = []
  let reach = from
  for await (const page of readEntries(client, refer, { from, rowsMax: entriesMax })) {
    encoded.push(...page.entries.map(encodeEntry))
    reach = page.reach
  }
  return { entries: Buffer.concat(encoded), count: encoded.length, reach }
}

interface Content {
  key: Pick<KeptKey, 'key' | 'sealedPrivate'>
  entries: Buffer
  count: number
  reach: Reach
  nextKey?: string
}

function writeCheckpoint({ auditKey, clock }: Sealing, end: ChainEnd, content: Content): string {
  const { key, entries, count, reach, nextKey } = content
  const checkpoint: Checkpoint = {
    format: 'tillflow-checkpoint-1',
    checkpoint: end.checkpoint + 1,
    at: new Date(clock.now()).toISOString(),
    previous: end.hash,
    leaves: leafVersion,
    entries: count,
    entriesInAll: end.entriesInAll + count,
    root: rootOfEntries(entries),
    ...reach,
    key: key.key,
    ...(nextKey !== undefined && { nextKey }),
  }
  return writeLine(checkpoint, openSigningKey(key, auditKey))
}

/** Undefined: nothing was ever sealed. */
async function keyInUse(client: ClientBase): Promise<KeptKey | undefined> {
  for (const { key, sealedPrivate, voucher } of await readKeys(client))
    if (sealedPrivate) return { key, sealedPrivate, voucher }
  return undefined
}
