import { hash } from 'node:crypto'
import type { ClientBase } from 'pg'
import type { Counts, Erasing, PersonalDataHolder, Stretch } from '../privacy/erasure/holder.ts'
import { subjectsOf } from '../privacy/personal-data.ts'
import { referFreeText } from '../privacy/refer-free-text.ts'
import { referPersonalText } from '../privacy/refer-personal-data.ts'
import type { Reference } from '../privacy/references.ts'
import { insertEmptiedEvents } from './emptied.ts'
import { eventTypes, type JournalPosition, type RecordedData } from './event.ts'
import { readEvents } from './queries.ts'

const stretchEventsMax = 2_000

/** What the journal says of persons: the receipts themselves, in clear until somebody is erased. */
export const journalPersonalData: PersonalDataHolder = {
  name: 'journal',
  namesIn: async (db, recordIds) =>
    (await readEvents(db, recordIds)).flatMap(({ eventType, data }) =>
      eventType === eventTypes.recorded ? subjectsOf((data as RecordedData).transaction) : [],
    ),
  rewrite: rewriteEvents,
  sweep: findUnindexed,
  export: async (db, recordIds) =>
    (await readEvents(db, recordIds)).map(({ eventId, eventType, subject, recordedAt, data }) => ({
      ...{ eventId, eventType, subject, recordedAt, data },
    })),
}

/** As for somebody who asked for it, for receipts that are older than personal data is kept. */
export async function referEvents(db: ClientBase, recordIds: readonly string[], refer: Reference): Promise<number> {
  const { events = 0 } = await rewriteEvents(db, recordIds, { refer })
  return events
}

/**
 * The event becomes what buses got of it: numbers and amounts with references. Its place, key and id stay. Of an erasure (`portion`) what
 * somebody may have typed goes too, and is noted, since a seal is over the form that has it.
 */
async function rewriteEvents(
  db: ClientBase,
  recordIds: readonly string[],
  { refer, portion }: Pick<Erasing, 'refer'> & Partial<Pick<Erasing, 'portion'>>,
): Promise<Counts> {
  const { rows } = await db.query<{ event_id: string; data: string }>(
    'select event_id, data::text as data from journal_events where event_id = any($1::uuid[]) order by event_id for update',
    [recordIds],
  )
  const changed = rows
    .map(({ event_id, data }) => {
      const referred = referPersonalText(data, refer)
      const rewritten = portion === undefined ? referred : referFreeText(referred, refer)
      return { event_id, data, referred, rewritten }
    })
    .filter(({ data, rewritten }) => data !== rewritten)
  const emptied = changed.filter(({ referred, rewritten }) => referred !== rewritten)
  const hashOf = (text: string) => hash('sha256', referPersonalText(text, refer), 'buffer')
  await insertEmptiedEvents(
    db,
    portion ?? '',
    emptied.map(({ event_id: eventId, referred, rewritten }) => ({
      ...{ eventId, before: hashOf(referred), after: hashOf(rewritten) },
    })),
  )
  await db.query(
    `update journal_events e set data = n.data::json from unnest($1::uuid[], $2::text[]) as n (event_id, data)
     where e.event_id = n.event_id`,
    [changed.map(({ event_id }) => event_id), changed.map(({ rewritten }) => rewritten)],
  )
  return { events: changed.length }
}

/**
 * Receipts of before mentions were indexed, a stretch in journal order; where there are none it ends at the first. Only what has the
 * id somewhere is looked into.
 */
async function findUnindexed(db: ClientBase, after: string | undefined, erasing: Erasing): Promise<Stretch> {
  const { names, subjectIndex, vault } = erasing
  if (!names || (after === undefined && !(await isFirstOld(db)))) return { counts: {} }
  const [xid = '0', position = '0'] = after?.split('.') ?? []
  const { rows } = await db.query<JournalPosition & { event_id: string; data: string; is_old: boolean }>(
    `select event_id, xid, position, data::text as data, recorded_at < (select since from personal_mentions_since) as is_old
     from journal_events where (xid, position) > ($1::text::xid8, $2::bigint) and event_type = '${eventTypes.recorded}'
     order by xid, position limit $3`,
    [xid, position, stretchEventsMax],
  )
  const last = rows.at(-1)
  if (!last || !rows[0]?.is_old) return { counts: {} }
  const isNamed = (data: string) =>
    names.isIn(data) &&
    subjectsOf((JSON.parse(data) as RecordedData).transaction).some((one) => vault.indexOf(one).equals(subjectIndex))
  return {
    counts: {},
    found: rows.filter(({ data }) => isNamed(data)).map(({ event_id }) => event_id),
    next: `${last.xid}.${last.position}`,
  }
}

async function isFirstOld(db: ClientBase): Promise<boolean> {
  const { rows } = await db.query<{ is_old: boolean }>(
    `select recorded_at < (select since from personal_mentions_since) as is_old from journal_events
     where event_type = '${eventTypes.recorded}' order by xid, position limit 1`,
  )
  return rows[0]?.is_old ?? false
}
