import type { ClientBase, Pool } from 'pg'
import type { SubjectKind } from '../personal-data.ts'
import type { Counts } from './holder.ts'

type Queryable = Pool | ClientBase

export type ErasureState = 'running' | 'settling' | 'finished'

/** How far an erasure is; every part can be done again. */
export interface Progress {
  /** Keys that were the person's and are destroyed. */
  keyIds: string[]
  /** Where each holder's sweep goes on; null: at its end. */
  sweeps: Record<string, string | null>
  /** A file that is still being recorded names the person. */
  isOpen?: true
  /** The last look was taken. */
  isSettled?: true
}

export interface ErasureRow {
  erasure_id: string
  subject_index: Buffer
  kind: SubjectKind
  reference: string
  reason: string
  actor: string
  state: ErasureState
  key_id: string | null
  sealed_subject: Buffer | null
  progress: Partial<Progress>
  counts: Counts
  requested_at: Date
  rewritten_at: Date | null
  finished_at: Date | null
}

const columns = `erasure_id, subject_index, kind, reference, reason, actor, state, key_id::text, sealed_subject, progress, counts,
  requested_at, rewritten_at, finished_at`

/** One at a time decides about a person: an erasure and a hold must not miss each other. */
export async function lockSubject(client: ClientBase, subjectIndex: Buffer): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('tillflow subject ' || encode($1, 'hex'), 0))", [
    subjectIndex,
  ])
}

export interface NewErasure {
  erasureId: string
  subjectIndex: Buffer
  kind: SubjectKind
  reference: string
  reason: string
  actor: string
  requestedAt?: Date
  sealed?: { keyId: string; bytes: Buffer }
}

export async function insertErasure(db: Queryable, erasure: NewErasure): Promise<void> {
  await db.query(
    `insert into erasures (erasure_id, subject_index, kind, reference, reason, actor, state, key_id, sealed_subject, requested_at)
     values ($1, $2, $3, $4, $5, $6, 'running', $7, $8, coalesce($9, clock_timestamp()))`,
    [
      erasure.erasureId,
      erasure.subjectIndex,
      erasure.kind,
      erasure.reference,
      erasure.reason,
      erasure.actor,
      erasure.sealed?.keyId ?? null,
      erasure.sealed?.bytes ?? null,
      erasure.requestedAt ?? null,
    ],
  )
}

export async function findOpenErasure(db: Queryable, subjectIndex: Buffer): Promise<ErasureRow | undefined> {
  const { rows } = await db.query<ErasureRow>(
    `select ${columns} from erasures where subject_index = $1 and state <> 'finished'`,
    [subjectIndex],
  )
  return rows[0]
}

export async function readErasureRow(db: Queryable, erasureId: string): Promise<ErasureRow | undefined> {
  const { rows } = await db.query<ErasureRow>(`select ${columns} from erasures where erasure_id = $1::uuid`, [
    erasureId,
  ])
  return rows[0]
}

export async function readErasureRows(db: Queryable, limit: number): Promise<ErasureRow[]> {
  const { rows } = await db.query<ErasureRow>(
    `select ${columns} from erasures order by requested_at desc, erasure_id limit $1`,
    [limit],
  )
  return rows
}

/** Erasures of one person, the newest first. */
export async function readErasuresOf(db: Queryable, subjectIndex: Buffer): Promise<ErasureRow[]> {
  const { rows } = await db.query<ErasureRow>(
    `select ${columns} from erasures where subject_index = $1 order by requested_at desc`,
    [subjectIndex],
  )
  return rows
}

/** Work that is left, the oldest first. */
export async function readOpenErasureIds(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ erasure_id: string }>(
    "select erasure_id from erasures where state <> 'finished' order by requested_at limit 1000",
  )
  return rows.map(({ erasure_id }) => erasure_id)
}

/** The row, while nobody else works on it; undefined where somebody does. */
export async function lockErasure(client: ClientBase, erasureId: string): Promise<ErasureRow | undefined> {
  const { rows } = await client.query<ErasureRow>(
    `select ${columns} from erasures where erasure_id = $1::uuid for update skip locked`,
    [erasureId],
  )
  return rows[0]
}

/** Returns the row as it is since. */
export async function saveProgress(
  client: ClientBase,
  erasureId: string,
  progress: Partial<Progress>,
  counts: Counts,
): Promise<ErasureRow | undefined> {
  const { rows } = await client.query<ErasureRow>(
    `update erasures set progress = $2, counts = $3 where erasure_id = $1 returning ${columns}`,
    [erasureId, JSON.stringify(progress), JSON.stringify(counts)],
  )
  return rows[0]
}

export async function addRecords(client: ClientBase, erasureId: string, recordIds: readonly string[]): Promise<void> {
  if (recordIds.length === 0) return
  await client.query(
    `insert into erasure_records (erasure_id, record_id) select $1, unnest($2::uuid[]) on conflict do nothing`,
    [erasureId, recordIds],
  )
}

export async function takeRecords(client: ClientBase, erasureId: string, limit: number): Promise<string[]> {
  const { rows } = await client.query<{ record_id: string }>(
    'select record_id from erasure_records where erasure_id = $1 and not done order by record_id limit $2',
    [erasureId, limit],
  )
  return rows.map(({ record_id }) => record_id)
}

export async function markRecords(client: ClientBase, erasureId: string, recordIds: readonly string[]): Promise<void> {
  await client.query('update erasure_records set done = true where erasure_id = $1 and record_id = any($2::uuid[])', [
    erasureId,
    recordIds,
  ])
}

export async function reopenRecords(client: ClientBase, erasureId: string): Promise<void> {
  await client.query('update erasure_records set done = false where erasure_id = $1', [erasureId])
}

export async function readErasedRecords(client: ClientBase, erasureId: string): Promise<string[]> {
  const { rows } = await client.query<{ record_id: string }>(
    'select record_id from erasure_records where erasure_id = $1 order by record_id',
    [erasureId],
  )
  return rows.map(({ record_id }) => record_id)
}

/** Returns the row as it is since. */
export async function markRewritten(client: ClientBase, erasureId: string): Promise<ErasureRow | undefined> {
  const { rows } = await client.query<ErasureRow>(
    `update erasures set state = 'settling', rewritten_at = clock_timestamp() where erasure_id = $1 and state = 'running'
     returning ${columns}`,
    [erasureId],
  )
  return rows[0]
}

/** The name goes, and which records they were. */
export async function finishErasure(client: ClientBase, erasureId: string): Promise<void> {
  await client.query(
    `update erasures set state = 'finished', finished_at = clock_timestamp(), key_id = null, sealed_subject = null, progress = '{}'
     where erasure_id = $1`,
    [erasureId],
  )
  await client.query('delete from erasure_records where erasure_id = $1', [erasureId])
}

/** Which of these the database knows. */
export async function findErasureIds(db: Queryable, erasureIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ erasure_id: string }>(
    'select erasure_id from erasures where erasure_id = any($1::uuid[])',
    [erasureIds],
  )
  return new Set(rows.map(({ erasure_id }) => erasure_id))
}

/** Tombstones in their order, those after a place. */
export async function readAllErasures(db: Queryable): Promise<ErasureRow[]> {
  const { rows } = await db.query<ErasureRow>(`select ${columns} from erasures order by requested_at, erasure_id`)
  return rows
}
