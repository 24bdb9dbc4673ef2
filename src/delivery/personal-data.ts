import type { ClientBase, Pool } from 'pg'
import type { Erasing, PersonalDataHolder } from '../privacy/erasure/holder.ts'
import { readJourney } from './journey.ts'

/**
 * What delivery keeps of persons: sentences of targets, which may say anything about them. Documents, amounts, states and codes
 * stay; the sentence of an attempt that is over goes whole, that of an event which a person must decide loses the name.
 */
export const deliveryPersonalData: PersonalDataHolder = {
  name: 'delivery',
  rewrite: async (db, recordIds, erasing) => ({
    targetTexts:
      (await forgetAttempts(db, recordIds)) +
      (await scrubReasons(db, recordIds, erasing)) +
      (await forgetReplays(db, recordIds)) +
      (await forgetExamples(db, recordIds)),
  }),
  export: async (db: Pool, recordIds) => {
    const journeys = []
    for (const eventId of recordIds) journeys.push({ eventId, targets: await readJourney(db, eventId) })
    return journeys
  },
}

const erased = '(erased)'

async function forgetAttempts(db: ClientBase, eventIds: readonly string[]): Promise<number> {
  const { rowCount } = await db.query(
    'update delivery_attempts set reason = $2 where event_id = any($1::uuid[]) and reason is not null and reason <> $2',
    [eventIds, erased],
  )
  return rowCount ?? 0
}

const mail = /[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[^\s@<>"'(),;:]+/g

/** Why an event was skipped or is parked is still needed, without the name. */
async function scrubReasons(db: ClientBase, eventIds: readonly string[], erasing: Erasing): Promise<number> {
  let count = 0
  for (const table of ['delivery_results', 'delivery_entries']) {
    const { rows } = await db.query<{ target_id: number; event_id: string; reason: string }>(
      `select target_id, event_id, reason from ${table} where event_id = any($1::uuid[]) and reason is not null
       order by target_id, event_id for update`,
      [eventIds],
    )
    for (const { target_id, event_id, reason } of rows) {
      const scrubbed = scrub(reason, erasing)
      if (scrubbed === reason) continue
      await db.query(`update ${table} set reason = $3 where target_id = $1 and event_id = $2`, [
        target_id,
        event_id,
        scrubbed,
      ])
      count += 1
    }
  }
  return count
}

function scrub(text: string, { names, reference, refer }: Erasing): string {
  const withoutId = names?.replaceIn(text, reference) ?? text
  return withoutId.replace(mail, (address) => refer('contact', address.toLowerCase()))
}

async function forgetReplays(db: ClientBase, eventIds: readonly string[]): Promise<number> {
  const { rowCount } = await db.query(
    `update delivery_replay_items set reason_before = case when reason_before is not null then $2 end,
       before = (before::jsonb #- '{result,reason}')::json
     where event_id = any($1::uuid[]) and (reason_before <> $2 or before -> 'result' ->> 'reason' is not null)`,
    [eventIds, erased],
  )
  return rowCount ?? 0
}

/** Examples of a shadow show what was sent: of these events none is left. */
async function forgetExamples(db: ClientBase, eventIds: readonly string[]): Promise<number> {
  const { rowCount } = await db.query(
    `update delivery_shadow_fields f set examples = coalesce(
       (select jsonb_agg(e) from jsonb_array_elements(f.examples) e where not (e ->> 'eventId' = any($1::text[]))), '[]')
     where exists (select from jsonb_array_elements(f.examples) e where e ->> 'eventId' = any($1::text[]))`,
    [eventIds],
  )
  return rowCount ?? 0
}
