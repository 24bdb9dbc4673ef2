import pg from 'pg'
import { type Logger, silentLogger } from '../contract/logger.ts'

/** Readers of the journal stop at the oldest open transaction, so that a forgotten one must not stay open for long. */
const idleInTransactionTimeoutMs = 30_000
const lockTimeoutMs = 10_000
const statementTimeoutDefaultMs = 30_000
/** So long after the server should have given up: it is not there any more, and nobody said so. */
const answerGraceMs = 5_000
const connectionTimeoutMs = 10_000

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
  const statementTimeoutMs = options.statementTimeoutMs ?? statementTimeoutDefaultMs
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.sizeMax,
    application_name: options.applicationName,
    statement_timeout: statementTimeoutMs,
    // The server's own timeout never reaches us over a line that is half open.
    query_timeout: statementTimeoutMs + answerGraceMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    connectionTimeoutMillis: connectionTimeoutMs,
    keepAlive: true,
    types: { getTypeParser: chooseTypeParser },
  })
  // Without a listener a server that goes away ends the whole process, be the connection idle or in use.
  pool.on('error', (error) => logger.warn({ err: error }, 'An idle database connection was lost'))
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** Days of business stay text (`2026-03-29`): pg would make a local midnight of them, which is another day elsewhere. */
const chooseTypeParser = ((oid: number, format?: 'text') =>
  oid === pg.types.builtins.DATE
    ? (value: string) => value
    : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser

/**
 * Runs `work` between BEGIN and COMMIT and gives its result; any error rolls back and is thrown on. After a connection error the
 * session is given up at once.
 * When the connection is lost during COMMIT it is not known whether it happened: `isConnectionError` tells.
 */
export async function withTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(client)
    const { command } = await client.query('COMMIT')
    // After a statement failed and somebody swallowed the error, COMMIT answers ROLLBACK and no error.
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back because a statement in it failed')
    return result
  } catch (error) {
    // Behind a statement that nobody answers ROLLBACK would wait as long again; a session that is closed rolls back by itself.
    if (error instanceof Error && isConnectionError(error)) broken = error
    else
      await client.query('ROLLBACK').catch((rollbackError: Error) => {
        broken = rollbackError
      })
    throw error
  } finally {
    client.release(broken)
  }
}

/** SQLSTATE class 08 is "connection exception"; see PostgreSQL's documentation, appendix A. */
const connectionErrorCodes = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up or recovering
  '53300', // too_many_connections
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** pg gives these errors no code. */
const connectionErrorMessages =
  /^(Connection terminated|Query read timeout|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** Whether the server went away, is not up yet or cannot be reached, so that trying again later makes sense. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && (connectionErrorCodes.has(code) || /^08[0-9A-Z]{3}$/.test(code))) return true
  if (connectionErrorMessages.test(error.message)) return true
  // localhost may be two addresses, and then each has failed.
  if (error instanceof AggregateError) return error.errors.some(isConnectionError)
  return isConnectionError(error.cause)
}
