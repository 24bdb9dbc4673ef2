import { randomUUID } from 'node:crypto'
import type { ClientBase } from 'pg'
import { collectRecords } from './find-records.ts'
import type { Counts, Erasing } from './holder.ts'
import { type ErasureHouse, settleMsDefault } from './house.ts'
import { inTransaction } from './in-transaction.ts'
import { learnName } from './learn-name.ts'
import { findNames } from './name-finder.ts'
import {
  addRecords,
  type ErasureRow,
  finishErasure,
  lockErasure,
  markRecords,
  markRewritten,
  readErasedRecords,
  reopenRecords,
  saveProgress,
  takeRecords,
} from './queries.ts'

/** Records of one transaction. */
const batchRecordsMax = 100

/** A longer transaction holds the readers of the journal back. */
const commitEveryMs = 100

/** `again`: there is more to do now. `later`: it settles. `done`: nothing is left, or somebody else works on it. */
export type StepResult = 'again' | 'later' | 'done'

/**
 * Takes an erasure as far as it comes now: the key is destroyed with everything it sealed, then every stage rewrites what it
 * keeps, then it settles, and at last targets and buses are told. Each step is a short transaction that can be done again; whoever
 * dies between two, another goes on.
 */
export async function runErasure(house: ErasureHouse, erasureId: string): Promise<StepResult> {
  for (;;) {
    const result = await inTransaction(house.pool, (client) => takeSteps(house, client, erasureId))
    if (result !== 'again') {
      if (result === 'done') house.notify?.()
      return result
    }
  }
}

/** Small steps share a commit. */
async function takeSteps(house: ErasureHouse, client: ClientBase, erasureId: string): Promise<StepResult> {
  const until = Date.now() + commitEveryMs
  let row = await lockErasure(client, erasureId)
  for (;;) {
    if (!row || row.state === 'finished') return 'done'
    const next: Next = await step(house, client, row)
    if (typeof next === 'string') return next
    if (Date.now() >= until) return 'again'
    row = next
  }
}

/** One step; for tests that die after it. */
export async function takeStep(house: ErasureHouse, client: ClientBase, erasureId: string): Promise<StepResult> {
  const row = await lockErasure(client, erasureId)
  if (!row || row.state === 'finished') return 'done'
  const next = await step(house, client, row)
  return typeof next === 'string' ? next : 'again'
}

/** The row as it is after a step, so that the next one need not read it; or that there is none now. */
type Next = ErasureRow | undefined | Exclude<StepResult, 'again'>

async function step(house: ErasureHouse, client: ClientBase, row: ErasureRow): Promise<Next> {
  if (!row.progress.keyIds) return destroyKey(house, client, row)
  const erasing = await erasingOf(house, row)
  const worked = (await rewriteNext(house, client, row, erasing)) ?? (await sweepNext(house, client, row, erasing))
  if (worked) return worked
  return row.state === 'running' ? markRewritten(client, row.erasure_id) : settle(house, client, row, erasing)
}

/** The key goes, and which records it had sealed is noted, in one commit. */
async function destroyKey(house: ErasureHouse, client: ClientBase, row: ErasureRow): Promise<Next> {
  const keyId = await house.vault.destroyKey(row.subject_index, client)
  const keyIds = keyId === undefined ? [] : [keyId]
  const found = await collectRecords(house.holders, client, { ...(await erasingOf(house, row)), keyIds })
  await addRecords(client, row.erasure_id, found)
  if (!row.sealed_subject) await learnName(house, client, row, found)
  return saveProgress(client, row.erasure_id, { keyIds, sweeps: {} }, { ...row.counts, receipts: found.length })
}

async function rewriteNext(
  house: ErasureHouse,
  client: ClientBase,
  row: ErasureRow,
  erasing: Erasing,
): Promise<ErasureRow | undefined> {
  const recordIds = await takeRecords(client, row.erasure_id, batchRecordsMax)
  if (recordIds.length === 0) return undefined
  let { counts } = row
  for (const holder of house.holders) {
    if (holder.rewrite) counts = add(counts, await holder.rewrite(client, recordIds, erasing))
  }
  await noteChanges(house, client, row, counts, erasing)
  await markRecords(client, row.erasure_id, recordIds)
  return saveProgress(client, row.erasure_id, row.progress, counts)
}

/** A stretch of each holder that is not at its end, up to the first that has more or found something. */
async function sweepNext(
  house: ErasureHouse,
  client: ClientBase,
  row: ErasureRow,
  erasing: Erasing,
): Promise<ErasureRow | undefined> {
  const sweeps = { ...row.progress.sweeps }
  let { counts } = row
  let swept = 0
  for (const holder of house.holders) {
    if (!holder.sweep || sweeps[holder.name] === null) continue
    swept += 1
    const stretch = await holder.sweep(client, sweeps[holder.name] ?? undefined, erasing)
    const { found = [], next } = stretch
    sweeps[holder.name] = next ?? null
    counts = add(counts, { ...stretch.counts, receipts: found.length })
    await addRecords(client, row.erasure_id, found)
    if (next !== undefined || found.length > 0) break
  }
  if (swept === 0) return undefined
  await noteChanges(house, client, row, counts, erasing)
  return saveProgress(client, row.erasure_id, { ...row.progress, sweeps }, counts)
}

/** Only where something was changed: what is looked through is mostly others'. */
async function noteChanges(
  house: ErasureHouse,
  client: ClientBase,
  row: ErasureRow,
  counts: Counts,
  { portion }: Erasing,
): Promise<void> {
  if (totalOf(counts) > totalOf(row.counts)) await house.noteEmptied(client, portion, row.erasure_id)
}

/** The last look, when nobody can be sealing under the old key or sending the old text any more; then everybody is told. */
async function settle(house: ErasureHouse, client: ClientBase, row: ErasureRow, erasing: Erasing): Promise<Next> {
  const { settleMs = settleMsDefault, holders } = house
  if (Date.now() - (row.rewritten_at?.getTime() ?? 0) < settleMs) return 'later'
  let open = 0
  for (const holder of holders) open += (await holder.countOpen?.(house.pool, erasing)) ?? 0
  if (open > 0) {
    // What lies in an open file will be recorded as if it were new: it goes too, when the file has come to its end.
    if (row.progress.isOpen) return 'later'
    await saveProgress(client, row.erasure_id, { ...row.progress, isOpen: true }, row.counts)
    return 'later'
  }
  if (row.progress.isOpen) {
    const keyId = await house.vault.destroyKey(row.subject_index, client)
    const keyIds = [...erasing.keyIds, ...(keyId === undefined ? [] : [keyId])]
    await addRecords(client, row.erasure_id, await collectRecords(holders, client, { ...erasing, keyIds }))
    return saveProgress(client, row.erasure_id, { keyIds, sweeps: {} }, row.counts)
  }
  if (!row.progress.isSettled) {
    // A new key comes in the commit of its first record: what was on its way when the person asked, nobody saw before.
    const keyId = await house.vault.destroyKey(row.subject_index, client, row.requested_at)
    const keyIds = keyId === undefined ? erasing.keyIds : [...erasing.keyIds, keyId]
    const late = await collectRecords(holders, client, { ...erasing, keyIds }, row.requested_at)
    await addRecords(client, row.erasure_id, late)
    // An attempt that was on its way has written down meanwhile what its target said.
    await reopenRecords(client, row.erasure_id)
    return saveProgress(client, row.erasure_id, { ...row.progress, keyIds: [...keyIds], isSettled: true }, row.counts)
  }
  await tellEverybody(house, client, row, erasing)
  return 'done'
}

async function tellEverybody(
  house: ErasureHouse,
  client: ClientBase,
  row: ErasureRow,
  erasing: Erasing,
): Promise<void> {
  const { erasure_id: erasureId, kind, reference, actor, reason } = row
  const recordIds = await readErasedRecords(client, erasureId)
  for (const holder of house.holders) await holder.forget?.(client, erasing)
  await house.appendErased(client, { erasureId, kind, reference, recordIds })
  const details = { erasureId, kind, counts: { ...row.counts, receipts: recordIds.length } }
  await house.recordAct(client, { actor, act: 'person.erase', object: `person:${reference}`, reason, details })
  await saveProgress(client, erasureId, {}, details.counts)
  await finishErasure(client, erasureId)
  house.logger.info({ erasureId, reference, ...details.counts }, 'a person was erased')
}

async function erasingOf({ vault }: ErasureHouse, row: ErasureRow): Promise<Erasing> {
  const { key_id: keyId, sealed_subject: bytes } = row
  const name = bytes && keyId ? (await vault.open({ keyId, bytes }, row.erasure_id)).toString() : undefined
  return {
    erasureId: row.erasure_id,
    portion: randomUUID(),
    subjectIndex: row.subject_index,
    keyIds: row.progress.keyIds ?? [],
    reference: row.reference,
    requestedAt: row.requested_at,
    refer: vault.references,
    ...(name !== undefined && { names: findNames(name.slice(name.indexOf(':') + 1)) }),
    vault,
  }
}

function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function add(counts: Counts, more: Counts): Counts {
  const sum: Record<string, number> = { ...counts }
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count
  return sum
}
