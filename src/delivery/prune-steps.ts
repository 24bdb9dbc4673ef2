import type { ClientBase, Pool } from 'pg'

/** The batch ends where steps are young enough; those of events that are still open stay, and are passed over. */
const pruneStepsText = `
  delete from delivery_steps d using (
    select s.target_id, s.event_id, s.step from delivery_steps s
    where s.recorded_at < clock_timestamp() - make_interval(secs => $1)
      and exists (select from delivery_result_of(s.target_id, s.event_id))
    order by s.recorded_at limit $2) old
  where d.target_id = old.target_id and d.event_id = old.event_id and d.step = old.step`

/**
 * Deletes steps of events whose end is on record: they are for attempts that must go on where another one stopped, and there will be
 * none. The documents of the event stay. Returns how many went, at most `stepsMax`.
 */
export async function pruneSteps(pool: Pool, olderThanMs: number, stepsMax: number): Promise<number> {
  const { rowCount } = await pool.query(pruneStepsText, [olderThanMs / 1_000, stepsMax])
  return rowCount ?? 0
}

const firstEventId = '00000000-0000-0000-0000-000000000000'

/** Events with attempts that were made before a time, in the order of their ids after a place; at the end the place is the beginning. */
export async function readEventsOfOldAttempts(
  db: ClientBase,
  { cutAt, place, limit }: { cutAt: Date; place?: string; limit: number },
): Promise<{ eventIds: string[]; place: string; more: boolean }> {
  const { rows } = await db.query<{ event_id: string }>(
    `select distinct event_id from delivery_attempts where event_id > $1::uuid and at < $2 order by event_id limit $3`,
    [place ?? firstEventId, cutAt, limit],
  )
  const last = rows.length === limit ? rows.at(-1) : undefined
  return {
    eventIds: rows.map(({ event_id }) => event_id),
    place: last?.event_id ?? firstEventId,
    more: last !== undefined,
  }
}

/** Deletes attempts at these events that were made before a time: sentences of targets. How the event ended stays. */
export async function deleteAttempts(db: ClientBase, eventIds: readonly string[], before: Date): Promise<number> {
  const { rowCount } = await db.query('delete from delivery_attempts where event_id = any($1::uuid[]) and at < $2', [
    eventIds,
    before,
  ])
  return rowCount ?? 0
}
