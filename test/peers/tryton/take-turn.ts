import pg from 'pg'
import { postgresUrl } from '../../../scripts/services/postgres.ts'

let turn: Promise<void> | undefined

/**
 * Waits until no other test file uses Tryton; the turn of this one ends with its process. Tryton is one interpreter: of two that ask
 * it at the same time each gets half, and some give it only seconds to answer.
 */
export function takeTurn(): Promise<void> {
  turn ??= lockTryton()
  return turn
}

/** The lock is PostgreSQL's, which gives it back whatever way the process ends. */
async function lockTryton(): Promise<void> {
  const client = new pg.Client({ connectionString: await postgresUrl('postgres') })
  // The services may be stopped before this process has ended.
  client.on('error', () => {})
  await client.connect()
  await client.query(`select pg_advisory_lock(hashtext('a turn with Tryton'))`)
}
