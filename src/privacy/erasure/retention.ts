import type { ClientBase, Pool } from 'pg'
import { type Held, readHeld } from './holds.ts'
import { inTransaction } from './in-transaction.ts'

export interface PruneOrder {
  /** What is older goes. */
  cutAt: Date
  /** Where the last portion ended; absent: at the beginning. */
  place?: string
  held: Held
  /** Of one transaction. */
  limit: number
}

export interface Pruned {
  pruned: number
  place?: string
  /** There is more that is old enough. */
  more: boolean
}

/** How long one class of data is kept. */
export interface RetentionRule {
  dataClass: string
  days: number
  /** Nobody can say whose such data is: while anybody's must be kept, all of it is. */
  isOfNobodyKnown?: true
  prune(client: ClientBase, order: PruneOrder): Promise<Pruned>
}

const dayMs = 24 * 60 * 60 * 1_000
const limit = 500

/**
 * Lets go of one portion of what a rule no longer keeps. While everything is held nothing goes; what is somebody's whose data must be
 * kept is passed over. Several processes may do so: one works on a class at a time.
 */
export async function applyRetention(pool: Pool, rule: RetentionRule, nowMs: number): Promise<Pruned> {
  return inTransaction(pool, async (client) => {
    await client.query(
      `insert into retention_cuts (data_class, cut_at) values ($1, '-infinity') on conflict do nothing`,
      [rule.dataClass],
    )
    const { rows } = await client.query<{ place: string | null }>(
      'select place from retention_cuts where data_class = $1 for update skip locked',
      [rule.dataClass],
    )
    const held = await readHeld(client)
    const isHeld = held.everything || (rule.isOfNobodyKnown && held.subjectIndexes.length > 0)
    if (!rows[0] || isHeld) return { pruned: 0, more: false }
    const cutAt = new Date(nowMs - rule.days * dayMs)
    const { place } = rows[0]
    const done = await rule.prune(client, { cutAt, held, limit, ...(place !== null && { place }) })
    await client.query(
      `update retention_cuts set cut_at = greatest(cut_at, $2), pruned = pruned + $3, place = coalesce($4, place),
         updated_at = clock_timestamp() where data_class = $1`,
      [rule.dataClass, cutAt, done.pruned, done.place ?? null],
    )
    return done
  })
}

/** Up to when each class was deleted by its rule. */
export async function readRetentionCuts(pool: Pool): Promise<{ dataClass: string; cutAt: Date; pruned: number }[]> {
  const { rows } = await pool.query<{ dataClass: string; cutAt: Date; pruned: string }>(
    `select data_class as "dataClass", cut_at as "cutAt", pruned from retention_cuts where cut_at > '-infinity' order by data_class`,
  )
  return rows.map((row) => ({ ...row, pruned: Number(row.pruned) }))
}
