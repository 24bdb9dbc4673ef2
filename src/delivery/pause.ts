import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { journalChannel } from '../journal/append.ts'
import { endHoldText } from './guards/queries.ts'
import * as sql from './queries.ts'
import { findTarget, type TargetDrain, type TargetPause, type TargetRow } from './targets.ts'

export const pauseReasonLengthMax = 500

/** Who acts on a target where nobody said so: a program that uses these functions itself. */
const somebody = 'unnamed'

/**
 * Stops delivery to one target: attempts on the line come to their end, nothing new is begun. A target that is paused already
 * keeps its first reason; one that is draining stops at once. Throws `Problem` `unknown-target`.
 */
export async function pauseTarget(
  pool: Pool,
  name: string,
  reason: string,
  actor: string = somebody,
): Promise<{ changed: boolean; pause: TargetPause }> {
  return withTransaction(pool, async (client) => {
    const { targetId, ...before } = await findTarget(client, name)
    const { rowCount } = await client.query(sql.pauseText, [targetId, 'operator', bounded(reason), null])
    const changed = rowCount === 1
    const after = await findTarget(client, name)
    const { pause } = after
    if (changed) await recordAct(client, { ...actOn(name, before, after), actor, act: 'target.pause', reason })
    if (!pause) throw new Problem('internal-error', 'The target was resumed at the same moment.')
    return { changed, pause }
  })
}

/**
 * Lets a target have everything that was recorded until now, takes nothing newer, and pauses it then (`states.md`). A target that
 * is draining already keeps its first reason and its mark; one that is paused stays so. Throws `Problem` `unknown-target`.
 */
export async function drainTarget(
  pool: Pool,
  name: string,
  reason: string,
  actor: string = somebody,
): Promise<{ changed: boolean; drain?: TargetDrain; pause?: TargetPause }> {
  return withTransaction(pool, async (client) => {
    const { targetId, ...before } = await findTarget(client, name)
    const { rowCount } = await client.query(sql.drainText, [targetId, bounded(reason)])
    const changed = rowCount === 1
    const after = await findTarget(client, name)
    const { drain, pause } = after
    if (changed) await recordAct(client, { ...actOn(name, before, after), actor, act: 'target.drain', reason })
    // Workers look for what is left to do when they are woken, and then see that they drain.
    await wakeDelivery(client)
    return { changed, ...(drain && { drain }), ...(pause && { pause }) }
  })
}

/**
 * Lets delivery to one target go on where it stopped, and ends the rest that it asked for. Returns whether it was paused or draining. Throws `Problem`
 * `unknown-target`.
 */
export async function resumeTarget(
  pool: Pool,
  name: string,
  actor: string = somebody,
  reason?: string,
): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const { targetId, ...before } = await findTarget(client, name)
    const { rows } = await client.query<{ was_stopped: boolean }>(sql.resumeText, [targetId])
    await client.query(endHoldText, [targetId])
    const wasStopped = rows.some((row) => row.was_stopped)
    const why = reason === undefined ? {} : { reason }
    const after = await findTarget(client, name)
    if (wasStopped) await recordAct(client, { ...actOn(name, before, after), actor, act: 'target.resume', ...why })
    await wakeDelivery(client)
    return wasStopped
  })
}

type Stopped = Pick<TargetRow, 'state' | 'pause' | 'drain'>

/** What an act changed of a target. */
function actOn(name: string, before: Stopped, after: Stopped) {
  const stateOf = ({ state, pause, drain }: Stopped) => ({ state, ...(pause && { pause }), ...(drain && { drain }) })
  return { object: `target:${name}`, before: stateOf(before), after: stateOf(after) }
}

/** Tells workers of every process to look again; sent when the transaction commits. */
export async function wakeDelivery(db: ClientBase | Pool): Promise<void> {
  await db.query(`notify ${journalChannel}`)
}

function bounded(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, pauseReasonLengthMax)
}
