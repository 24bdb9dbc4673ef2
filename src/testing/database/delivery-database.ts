import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createTestDatabase } from './test-database.ts'
import type { TestDatabase } from './test-server.ts'

/** A database for a whole `.db.test.ts`, in which before each test nothing was recorded and nobody delivers. */
export function useDeliveryDatabase(): { readonly pool: Pool } {
  let database: TestDatabase | undefined
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database?.drop())
  beforeEach(() =>
    database?.pool.query(
      'truncate journal_events, delivery_targets, delivery_workers, delivery_attempts restart identity cascade',
    ),
  )
  return {
    get pool() {
      if (!database) throw new Error('the database is there from the first hook of a test on')
      return database.pool
    },
  }
}
