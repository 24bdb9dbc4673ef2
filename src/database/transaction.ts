import type pg from 'pg'

/**
 * Runs `work` between BEGIN and COMMIT and gives its result; any error rolls back and is thrown on.
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
    await client.query('ROLLBACK').catch((rollbackError: Error) => {
      broken = rollbackError
    })
    throw error
  } finally {
    client.release(broken)
  }
}
