import pg from 'pg'
import { type Logger, silentLogger } from '../contract/logger.ts'

/** Readers of the journal stop at the oldest open transaction, so that a forgotten one must not stay open for long. */
const idleInTransactionTimeoutMs = 30_000
const lockTimeoutMs = 10_000
const statementTimeoutDefaultMs = 30_000
const connectionTimeoutMs = 10_000

/** Days of business are text (`2026-03-29`): pg would make a local midnight of them, which is another day elsewhere. */
const typesAsText = new Set<number>([pg.types.builtins.DATE])

export interface PoolOptions {
  url: string
  sizeMax: number
  /** Shown in `pg_stat_activity`. */
  applicationName: string
  statementTimeoutMs?: number
  logger?: Logger
}

/** A pool whose sessions have a limit on everything, and which survives a server that goes away. `date` columns are read as text. */
export function createPool(options: PoolOptions): pg.Pool {
  const logger = options.logger ?? silentLogger
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.sizeMax,
    application_name: options.applicationName,
    statement_timeout: options.statementTimeoutMs ?? statementTimeoutDefaultMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    connectionTimeoutMillis: connectionTimeoutMs,
    keepAlive: true,
    types: {
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        typesAsText.has(oid)
          ? (value: string) => value
          : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
    },
  })
  // Without a listener a server that goes away ends the whole process, be the connection idle or in use.
  pool.on('error', (error) => logger.warn({ err: error }, 'An idle database connection was lost'))
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}
