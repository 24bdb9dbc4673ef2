import { readdirSync } from 'node:fs'
import type { Pool } from 'pg'
import { readStat, tickMs } from './process-cpu.ts'

interface Backends {
  /** The server's first process, whose children all others are. */
  postmaster: number
  /** What is not counted: it made the work for both sides. */
  filling: number
  relay: Set<number>
}

/** CPU time of all processes of one PostgreSQL server: those of connections, the writers, and those that ended meanwhile. */
export class PostgresCpu {
  readonly #before: Map<number, number>

  private constructor(before: Map<number, number>) {
    this.#before = before
  }

  static async start(pool: Pool): Promise<PostgresCpu> {
    return new PostgresCpu(readTicks((await findBackends(pool)).postmaster))
  }

  /** Since the start. A connection that ended is in the time of the postmaster's children. */
  async read(pool: Pool): Promise<{ totalMs: number; relayMs: number }> {
    const { postmaster, filling, relay } = await findBackends(pool)
    const now = readTicks(postmaster)
    let total = 0
    let ofRelay = 0
    for (const [pid, ticks] of now) {
      const spent = ticks - (this.#before.get(pid) ?? 0)
      if (pid !== filling) total += spent
      if (relay.has(pid)) ofRelay += spent
    }
    return { totalMs: total * tickMs, relayMs: ofRelay * tickMs }
  }
}

async function findBackends(pool: Pool): Promise<Backends> {
  const { rows } = await pool.query<{ pid: number; application_name: string; is_self: boolean }>(
    'select pid, application_name, pid = pg_backend_pid() as is_self from pg_stat_activity',
  )
  const filling = rows.find(({ is_self }) => is_self)?.pid ?? 0
  const relay = new Set(rows.filter(({ application_name: name }) => name === 'bench-relay').map(({ pid }) => pid))
  return { postmaster: Number(readStat(filling)?.[1]), filling, relay }
}

function readTicks(postmaster: number): Map<number, number> {
  const ticks = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (!stat || (Number(name) !== postmaster && Number(stat[1]) !== postmaster)) continue
    // user and system; for the postmaster also those of children that it has buried
    const fields = Number(name) === postmaster ? [11, 12, 13, 14] : [11, 12]
    ticks.set(
      Number(name),
      fields.reduce((sum, field) => sum + Number(stat[field] ?? 0), 0),
    )
  }
  return ticks
}
