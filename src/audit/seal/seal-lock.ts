import type { ClientBase, Pool } from 'pg'

/** Any number that nobody else uses. */
const lockKey = 7_414_220_020

/** Runs work as the only one that seals; undefined where another does. The lock ends with the connection, too. */
export async function whileSealing<Result>(
  pool: Pool,
  work: (client: ClientBase) => Promise<Result>,
): Promise<Result | undefined> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [lockKey])
    if (!rows[0]?.locked) return undefined
    try {
      return await work(client)
    } finally {
      await client.query('select pg_advisory_unlock($1)', [lockKey]).catch((error: Error) => {
        broken = error
      })
    }
  } finally {
    // A connection that may still hold the lock must not go back to the others.
    client.release(broken)
  }
}

/** As `withTransaction`, on the connection that has the lock. */
export async function inTransaction(client: ClientBase, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await work()
    const { command } = await client.query('commit')
    if (command !== 'COMMIT') throw new Error('The transaction was rolled back because a statement in it failed')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}
