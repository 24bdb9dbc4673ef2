import type { Pool } from 'pg'
import { Problem } from '../contract/problem.ts'
import { journalChannel } from '../journal/append.ts'
import * as sql from './queries.ts'
import { readTargets, type TargetPause } from './targets.ts'

export const pauseReasonLengthMax = 500

/**
 * Stops delivery to one target: attempts on the line come to their end, nothing new is begun. A target that is paused already
 * keeps its first reason. Throws `Problem` `unknown-target`.
 */
export async function pauseTarget(
  pool: Pool,
  name: string,
  reason: string,
): Promise<{ changed: boolean; pause: TargetPause }> {
  const targetId = await idOf(pool, name)
  const { rowCount } = await pool.query(sql.pauseText, [
    targetId,
    'operator',
    reason.slice(0, pauseReasonLengthMax),
    null,
  ])
  const pause = (await readTargets(pool)).find((one) => one.targetId === targetId)?.pause
  if (!pause) throw new Problem('internal-error', 'The target was resumed at the same moment.')
  return { changed: rowCount === 1, pause }
}

/** Lets delivery to one target go on where it stopped. Returns whether it was paused. Throws `Problem` `unknown-target`. */
export async function resumeTarget(pool: Pool, name: string): Promise<boolean> {
  const { rows } = await pool.query<{ was_paused: boolean }>(sql.resumeText, [await idOf(pool, name)])
  await pool.query(`notify ${journalChannel}`)
  return rows.some((row) => row.was_paused)
}

async function idOf(pool: Pool, name: string): Promise<number> {
  const target = (await readTargets(pool)).find((one) => one.name === name)
  if (!target) throw new Problem('unknown-target')
  return target.targetId
}
