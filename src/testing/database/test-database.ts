import { inject } from 'vitest'
import type {} from './global-setup.ts'
import { createDatabaseOn, type TestDatabase } from './test-server.ts'

/**
 * A fresh database for a `.db.test.ts`, migrated unless `migrated: false`. Drop it in `afterAll`.
 * Other tests and benchmarks use `startTestServer()`.
 */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = inject('testServer')
  if (server === undefined) {
    throw new Error('Only .db.test.ts files have a database ready; call startTestServer() elsewhere')
  }
  return createDatabaseOn(server, options)
}
