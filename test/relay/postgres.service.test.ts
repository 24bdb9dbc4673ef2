import { afterAll, beforeAll } from 'vitest'
import { openPostgresBus } from '../../src/buses/postgres/bus.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { describeRelayOnBus } from './describe-relay-on-bus.ts'

let server: TestServer
let busDatabase: TestDatabase
beforeAll(async () => {
  server = await startTestServer()
  busDatabase = await server.createDatabase()
})
afterAll(async () => {
  await busDatabase?.drop()
  await server?.stop()
})

describeRelayOnBus('postgres', {
  open: async () => openPostgresBus({ url: busDatabase.url, leaseMs: 3_000 }),
  createDatabase: () => server.createDatabase(),
})
