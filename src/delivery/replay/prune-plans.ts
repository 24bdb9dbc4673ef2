import type { Pool } from 'pg'
import * as sql from './queries.ts'

/**
 * Deletes plans that were never run and that nobody may run any more, with their items; that they were made stands in the audit log.
 * Replays that ran stay, since the journey of a receipt tells them. Returns how many items went, at most `itemsMax`; the plan
 * itself goes when none of its items is left.
 */
export async function prunePlans(pool: Pool, olderThanMs: number, itemsMax: number): Promise<number> {
  const { rowCount } = await pool.query(sql.pruneItemsText, [olderThanMs, itemsMax])
  const items = rowCount ?? 0
  if (items < itemsMax) await pool.query(sql.prunePlansText, [olderThanMs])
  return items
}
