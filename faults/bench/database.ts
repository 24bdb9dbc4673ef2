import type { Pool } from 'pg'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'
import { type Bench, isInMemory } from './bench.ts'
import { mustCome } from './wait.ts'

/** A migrated database of one run. */
export interface BenchDatabase {
  url: string
  /** The bench's own way in, past every fault. */
  pool: Pool
}

/** A database on the shared server. */
export async function openDatabase(bench: Bench): Promise<BenchDatabase> {
  const server = await bench.sharedServer()
  const database = await server.createDatabase()
  bench.defer(() => database.drop())
  return database
}

/** A server of its own, for runs that kill it or change it. */
export async function openOwnServer(bench: Bench): Promise<BenchDatabase & { kill(): Promise<void> }> {
  const server = await startTestServer({ alone: true, inMemory: isInMemory(bench.profile) })
  bench.defer(() => server.stop())
  const database = await server.createDatabase()
  bench.defer(() => database.pool.end())
  return {
    ...database,
    kill: () => killServer(server, database.pool),
  }
}

/** Kills the whole server with -9, and waits until the next one, which is started by itself, serves. */
async function killServer(server: TestServer, pool: Pool): Promise<void> {
  const victim = server.processId
  if (victim === undefined) throw new Error('this server is not ours to kill')
  process.kill(victim, 'SIGKILL')
  const serves = async () => server.processId !== victim && (await pool.query('select 1')).rowCount === 1
  await mustCome('the return of PostgreSQL', serves, 90_000, 10)
}

/** The same database behind a proxy. */
export function throughPort(url: string, port: number): string {
  const changed = new URL(url)
  changed.hostname = '127.0.0.1'
  changed.port = String(port)
  return changed.href
}
