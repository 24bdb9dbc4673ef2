import type { ClientBase, Pool } from 'pg'
import * as sql from './queries.ts'

type Queryable = Pool | ClientBase

/** Something that a person did to the installation. */
export interface Act {
  /** Who: `cli:<account of the machine>` or `token:<id>`. */
  actor: string
  /** What, as `replay.run`. */
  act: string
  /** To what: `target:<name>`, `replay:<id>`. */
  object: string
  /** Why, in the person's words. */
  reason?: string
  details?: Readonly<Record<string, unknown>>
}

export interface RecordedAct extends Act {
  actId: string
  at: Date
}

export const actTextLengthMax = 500

/** Writes an act down for ever. Give it the client of the transaction that does it: an act without its record must not be. */
export async function recordAct(db: Queryable, { actor, act, object, reason, details = {} }: Act): Promise<void> {
  const bounded = (text: string) => text.replaceAll('\0', '').slice(0, actTextLengthMax)
  const values = [bounded(actor), act, object, reason === undefined ? null : bounded(reason), JSON.stringify(details)]
  await db.query(sql.recordActText, values)
}

/** What was done to one object, oldest first, at most `limit`. */
export async function readActs(db: Queryable, object: string, limit = 100): Promise<RecordedAct[]> {
  const { rows } = await db.query<sql.ActRow>(sql.readActsText, [object, limit])
  return rows.map((row) => ({
    actId: row.act_id,
    at: row.at,
    actor: row.actor,
    act: row.act,
    object: row.object,
    ...(row.reason !== null && { reason: row.reason }),
    details: row.details,
  }))
}
