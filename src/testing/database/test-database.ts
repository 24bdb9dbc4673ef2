import { inject } from 'vitest'
import type {} from './global-setup.ts'
import { createDatabaseOn, type TestDatabase } from './test-server.ts'

/**
 * A fresh database for a `.db.test.ts` on the server of its worker, migrated unless `migrated: false`. Drop it in `afterAll`.
 * Other tests and benchmarks use `startTestServer()`.
 */
export async function createTestDatabase(options: { migrated?: boolean } = {}): Promise<TestDatabase> {
  const servers = inject('testServers')
  if (servers === undefined) {
    throw new Error('Only .db.test.ts files have a database ready; call startTestServer() elsewhere')
  }
  // Workers that run at the same time have different numbers, from 1 on.
  const server = servers[Number(process.env.VITEST_POOL_ID) - 1]
  if (server === undefined) throw new Error(`Worker ${process.env.VITEST_POOL_ID} has no server of its own`)
  return createDatabaseOn(server, options)
}
