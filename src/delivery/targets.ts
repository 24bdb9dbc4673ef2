import type { ClientBase, Pool } from 'pg'
import { Problem } from '../contract/problem.ts'
import { shardsCount } from '../journal/shard.ts'

export type TargetState = 'active' | 'draining' | 'paused'

export interface TargetRow {
  targetId: number
  name: string
  connector: string
  state: TargetState
  /** Why and since when nothing is sent; there when paused. */
  pause?: TargetPause
  /** Why and since when it only gets what was recorded before; there when draining. */
  drain?: TargetDrain
}

export interface TargetPause {
  /** `gone`: the target answered that nothing is taken at this address any more; `operator`: somebody paused it. */
  code: 'gone' | 'operator'
  reason: string
  since: Date
}

export interface TargetDrain {
  reason: string
  since: Date
}

interface TargetColumns {
  target_id: number
  name: string
  connector: string
  state: TargetState
  pause_code: TargetPause['code'] | null
  pause_reason: string | null
  paused_at: Date | null
  drain_reason: string | null
  drain_since: Date | null
}

/** Makes a target known, with its cursors at the journal's beginning; one that is known keeps its place. */
export async function ensureTarget(pool: Pool, name: string, connector: string): Promise<TargetRow> {
  await pool.query(
    `insert into delivery_targets (name, connector) values ($1, $2)
     on conflict (name) do update set connector = excluded.connector`,
    [name, connector],
  )
  const target = (await readTargets(pool)).find((one) => one.name === name)
  if (!target) throw new Error('a target that was just made known is there')
  await pool.query(
    `insert into delivery_shards (target_id, shard) select $1, generate_series(0, $2::int - 1) on conflict do nothing`,
    [target.targetId, shardsCount],
  )
  await pool.query('insert into delivery_guards (target_id) values ($1) on conflict do nothing', [target.targetId])
  return target
}

/** The target of this name. Throws `Problem` `unknown-target`. */
export async function findTarget(db: ClientBase | Pool, name: string): Promise<TargetRow> {
  const target = (await readTargets(db)).find((one) => one.name === name)
  if (!target) throw new Problem('unknown-target')
  return target
}

export async function readTargets(db: ClientBase | Pool): Promise<TargetRow[]> {
  const { rows } = await db.query<TargetColumns>(
    `select target_id, name, connector, state, pause_code, pause_reason, paused_at, drain_reason, drain_since
     from delivery_targets order by target_id`,
  )
  return rows.map((row) => ({
    targetId: row.target_id,
    name: row.name,
    connector: row.connector,
    state: row.state,
    ...(row.pause_code !== null &&
      row.pause_reason !== null &&
      row.paused_at !== null && { pause: { code: row.pause_code, reason: row.pause_reason, since: row.paused_at } }),
    ...(row.drain_reason !== null &&
      row.drain_since !== null && { drain: { reason: row.drain_reason, since: row.drain_since } }),
  }))
}
