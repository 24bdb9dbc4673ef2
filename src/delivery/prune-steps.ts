import type { ClientBase, Pool } from 'pg'

/** The batch ends where steps are young enough; those of events that are still open stay, and are passed over. */
const pruneStepsText = `
  delete from delivery_steps d using (
    select s.target_id, s.event_id, s.step from delivery_steps s
    where s.recorded_at < clock_timestamp() - make_interval(secs => $1)
      and exists (select from delivery_results r where r.target_id = s.target_id and r.event_id = s.event_id)
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

/** Deletes attempts that were made before a time: sentences of targets. How the event ended stays. */
export async function pruneAttempts(db: ClientBase, before: Date, attemptsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from delivery_attempts where ctid = any(array(select ctid from delivery_attempts where at < $1 limit $2))`,
    [before, attemptsMax],
  )
  return rowCount ?? 0
}
