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
  /** What was so until the act, and since: of what it changed. */
  before?: Readonly<Record<string, unknown>>
  after?: Readonly<Record<string, unknown>>
  details?: Readonly<Record<string, unknown>>
}

export interface RecordedAct extends Act {
  actId: string
  at: Date
}

export const actTextLengthMax = 500

/** Writes an act down for ever. Give it the client of the transaction that does it: an act without its record must not be. */
export async function recordAct(db: Queryable, { actor, act, object, reason, ...what }: Act): Promise<void> {
  const bounded = (text: string) => text.replaceAll('\0', '').slice(0, actTextLengthMax)
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value))
  const why = reason === undefined ? null : bounded(reason)
  const { before, after, details = {} } = what
  await db.query(sql.recordActText, [bounded(actor), act, object, why, json(before), json(after), json(details)])
}

/** What was done to one object, oldest first, at most `limit`. */
export async function readActs(db: Queryable, object: string, limit = 100): Promise<RecordedAct[]> {
  const { rows } = await db.query<sql.ActRow>(sql.readActsText, [object, limit])
  return rows.map(toAct)
}

/** What was done last, to one object or to all, newest first: acts before `beforeActId`, at most `limit`. */
export async function readNewestActs(
  db: Queryable,
  { object, beforeActId, limit }: { object?: string; beforeActId?: string; limit: number },
): Promise<RecordedAct[]> {
  const { rows } = await db.query<sql.ActRow>(sql.readNewestActsText, [object ?? null, beforeActId ?? null, limit])
  return rows.map(toAct)
}

function toAct(row: sql.ActRow): RecordedAct {
  return {
    actId: row.act_id,
    at: row.at,
    actor: row.actor,
    act: row.act,
    object: row.object,
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.before !== null && { before: row.before }),
    ...(row.after !== null && { after: row.after }),
    details: row.details,
  }
}
