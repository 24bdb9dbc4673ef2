import type { Pool } from 'pg'
import type { ReplayMark } from '../store.ts'
import * as sql from './queries.ts'

/** The columns of an entry that a replay writes. */
export interface MarkRow {
  event_id: string
  replay_id: string | null
  look_first: boolean
  generation: number
}

/** What replays said about these entries, by event. Entries of no replay cost no question. */
export async function readMarks(
  pool: Pool,
  targetId: number,
  rows: readonly MarkRow[],
): Promise<Map<string, ReplayMark>> {
  const again = rows.flatMap((row) => (row.generation > 0 ? [row.event_id] : []))
  const superseded = new Map<string, string[]>()
  if (again.length > 0) {
    const answer = await pool.query<{ event_id: string; superseded: string[] }>(sql.readSupersededText, [
      targetId,
      again,
    ])
    for (const row of answer.rows) superseded.set(row.event_id, row.superseded)
  }
  const marks = new Map<string, ReplayMark>()
  for (const { event_id, replay_id, look_first: lookFirst, generation } of rows) {
    if (replay_id === null) continue
    marks.set(event_id, { replayId: replay_id, lookFirst, generation, superseded: superseded.get(event_id) ?? [] })
  }
  return marks
}
