import { afterAll, beforeAll } from 'vitest'
import { describeBusConformance } from '../../testing/bus-conformance.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../../testing/database/test-server.ts'
import { openPostgresBus, type PostgresBusOptions } from './bus.ts'

let server: TestServer
let database: TestDatabase
// A killed consumer is replaced after its lease; quick ones keep the suite short.
const options: PostgresBusOptions = { url: '', leaseMs: 2_000, messageBytesMax: 1_048_576 }

beforeAll(async () => {
  server = await startTestServer({ alone: true })
  database = await server.createDatabase()
  options.url = database.url
})
afterAll(async () => {
  await database.drop()
  await server.stop()
})

describeBusConformance('postgres', {
  open: async () => openPostgresBus(options),
  inChild: { module: new URL('./bus.ts', import.meta.url), factory: 'openPostgresBus', options },
  refusedBodyBytes: 1_100_000,
  patienceMs: 30_000,
  restart: async () => server.crash?.(),
})
