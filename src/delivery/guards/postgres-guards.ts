import type { Pool } from 'pg'
import { createGatesReader } from '../read-gates.ts'
import {
  failedLanesForOutage,
  type GuardStore,
  type Permits,
  type PermitsRequest,
  type ProbeRest,
} from './guard-store.ts'
import * as sql from './queries.ts'

/** The guards of a real hub. All of them go by PostgreSQL's clock. */
export function createPostgresGuardStore(pool: Pool, readGates = createGatesReader(pool)): GuardStore {
  return {
    read: async (targetId) => (await readGates(targetId)).guard,
    claimPermits: (request) => claimPermits(pool, request),
    releasePermits: async (targetId, workerId) => {
      await pool.query(sql.releasePermitsText, [targetId, workerId])
    },
    draw: async (targetId, { budget, tokens, debt }) => {
      const { rows } = await pool.query<{ granted: number; wait_ms: number }>({
        name: 'delivery-draw',
        text: sql.drawText,
        values: [targetId, tokens, budget.perSecond, budget.capacity, debt],
      })
      const [row] = rows
      return { granted: row?.granted ?? 0, waitMs: row?.wait_ms ?? 0 }
    },
    hold: async (targetId, holdMs, reason) => {
      await pool.query(sql.holdText, [targetId, holdMs, reason])
    },
    noteFailures: async (targetId, orderingKeys, rest) => {
      await pool.query(sql.noteFailuresText, [targetId, orderingKeys, failedLanesForOutage, ...restValues(rest)])
    },
    noteAnswer: async (targetId) => {
      await pool.query(sql.noteAnswerText, [targetId])
    },
    takeProbe: async (targetId, attemptTimeoutMs, rest) => {
      const { rowCount } = await pool.query(sql.takeProbeText, [targetId, attemptTimeoutMs, ...restValues(rest)])
      return rowCount === 1
    },
  }
}

function restValues({ baseMs, maxMs, stretch }: ProbeRest): number[] {
  return [baseMs, maxMs, stretch]
}

/** The lock comes in a statement before: the sum of what the others have must be read after it is there. */
async function claimPermits(
  pool: Pool,
  { targetId, workerId, permitsMax, ceiling, leaseMs }: PermitsRequest,
): Promise<Permits> {
  const client = await pool.connect()
  try {
    // Who is silent for a lease, as a process that was stopped, must not keep the others from the lock.
    await client.query(`begin; set local idle_in_transaction_session_timeout = ${Math.ceil(leaseMs)}`)
    const { rowCount } = await client.query(sql.lockGuardText, [targetId])
    const { rows } = await client.query<{ count: number; is_fair: boolean; all_have: boolean }>(sql.claimPermitsText, [
      targetId,
      workerId,
      permitsMax,
      ceiling,
      leaseMs,
    ])
    await client.query(sql.forgetPermitsText, [targetId])
    await client.query('commit')
    client.release()
    const [row] = rows
    if (rowCount !== 1 || !row) return { count: 0, isFair: false, allHave: false }
    return { count: row.count, isFair: row.is_fair, allHave: row.all_have }
  } catch (error) {
    // Whatever state the connection is in, nobody else gets it.
    client.release(true)
    throw error
  }
}
