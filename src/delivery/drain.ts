import type { Pool } from 'pg'
import { haveReadUntil } from '../journal/find.ts'
import type { ShardCursor } from '../journal/queries.ts'
import * as sql from './queries.ts'

/**
 * Pauses a target that has got everything up to the mark of its drain. Shards and entries of every process count; while one is
 * missing nothing changes, and the next worker with nothing to do asks again. What is stopped does not count, nor what is behind it
 * where the order is strict.
 */
export async function endDrain(pool: Pool, targetId: number, untilXid: string, strictOrder: boolean): Promise<void> {
  const { rows } = await pool.query<ShardCursor>(sql.readDrainText, [targetId, untilXid])
  if (rows.length > 0 && (await haveReadUntil(pool, rows, untilXid)))
    await pool.query(sql.endDrainText, [targetId, untilXid, strictOrder])
}
