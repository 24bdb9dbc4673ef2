import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../../audit/acts.ts'
import { Problem } from '../../contract/problem.ts'
import { withTransaction } from '../../database/pool.ts'
import { wakeDelivery } from '../pause.ts'
import * as sql from './queries.ts'
import { readReplay } from './read.ts'
import { planExpiresMs, type Replay, type ReplayMode, type ReplayState } from './replay.ts'

export interface RunOptions {
  ratePerSecond?: number
  /** Somebody has read that mode `again` makes second effects. */
  confirmAgain?: boolean
}

/**
 * Starts a plan: its events go into their lanes, by whichever process delivers. Throws `Problem` `unknown-replay`,
 * `replay-expired`, `replay-unconfirmed` (mode `again` without a yes), `replay-under-way` (another one at this target), `replay-state`.
 */
export function runReplay(pool: Pool, replayId: string, actor: string, options: RunOptions = {}): Promise<Replay> {
  return move(pool, replayId, actor, {
    act: 'replay.run',
    from: ['planned'],
    to: () => 'running',
    check: ({ mode, is_old }) => {
      if (is_old) throw new Problem('replay-expired')
      if (mode === 'again' && options.confirmAgain !== true) throw new Problem('replay-unconfirmed')
    },
    ...(options.ratePerSecond !== undefined && { ratePerSecond: options.ratePerSecond }),
  })
}

/** Lets nothing more go; what is in its lane comes to its end. */
export function pauseReplay(pool: Pool, replayId: string, actor: string): Promise<Replay> {
  return move(pool, replayId, actor, { act: 'replay.pause', from: ['running'], to: () => 'paused' })
}

/** Goes on where it was paused, at another rate if one is given. */
export function resumeReplay(
  pool: Pool,
  replayId: string,
  actor: string,
  options: Pick<RunOptions, 'ratePerSecond'> = {},
): Promise<Replay> {
  return move(pool, replayId, actor, { act: 'replay.resume', from: ['paused'], to: () => 'running', ...options })
}

/** Ends a replay: what was not let go stays as it was, what is in its lane comes to its end. */
export function abortReplay(pool: Pool, replayId: string, actor: string): Promise<Replay> {
  return move(pool, replayId, actor, {
    act: 'replay.abort',
    from: ['planned', 'running', 'paused'],
    to: (from) => (from === 'planned' ? 'aborted' : 'aborting'),
  })
}

interface LockedReplay {
  state: ReplayState
  mode: ReplayMode
  target: string
  /** Too old for a plan to be run. */
  is_old: boolean
}

interface Move {
  act: string
  from: readonly ReplayState[]
  to(from: ReplayState): ReplayState
  check?(row: LockedReplay): void
  ratePerSecond?: number
}

async function move(pool: Pool, replayId: string, actor: string, { act, from, to, check, ratePerSecond }: Move) {
  // Says that there is none before anything is locked.
  const { reason } = await readReplay(pool, replayId)
  await withTransaction(pool, async (client) => {
    const { rows } = await client.query<LockedReplay>(sql.lockOneReplayText, [replayId, planExpiresMs])
    const [row] = rows
    if (!row) throw new Problem('unknown-replay')
    if (!from.includes(row.state)) throw new Problem('replay-state', `The replay is ${row.state}.`)
    check?.(row)
    await update(client, [replayId, to(row.state), [row.state], ratePerSecond ?? null])
    const details = { target: row.target, ...(ratePerSecond !== undefined && { ratePerSecond }) }
    const [before, after] = [{ state: row.state }, { state: to(row.state) }]
    await recordAct(client, { actor, act, object: `replay:${replayId}`, reason, before, after, details })
    await wakeDelivery(client)
  })
  return readReplay(pool, replayId)
}

async function update(client: ClientBase, values: unknown[]): Promise<void> {
  try {
    await client.query(sql.moveReplayText, values)
  } catch (error) {
    // unique_violation: one replay is under way at a target at most
    if (Object(error).code === '23505') throw new Problem('replay-under-way', undefined, { cause: error })
    throw error
  }
}
