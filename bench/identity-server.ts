import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../src/contract/logger.ts'
import { createPool } from '../src/database/pool.ts'
import { createMetrics } from '../src/observability/metrics.ts'
import { startApi } from '../src/runtimes/node/start-hub.ts'
import { loadSettings } from '../src/settings/load-settings.ts'
import { sources } from '../src/sources/index.ts'

/** The API as a hub runs it, in a process of its own: who comes in by what is the client's affair. */
const [url = '', masterKey = ''] = process.argv.slice(2)

const dataDirectory = await mkdtemp(join(tmpdir(), 'tillflow-bench-'))
const { settings } = loadSettings({
  environment: {},
  overrides: { masterKey, dataDirectory, intakeQueueMax: 100_000 },
})
const pool = createPool({ url, sizeMax: 10, applicationName: 'bench', logger: silentLogger })
const metrics = createMetrics()
const options = { settings, connectors: [], sources, logger: silentLogger, metrics, program: [] }
const { server } = await startApi(options, { pool, url, close: async () => {} }, () => {})
const address = await server.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ address })
process.once('disconnect', async () => {
  await rm(dataDirectory, { recursive: true, force: true })
  process.exit(0)
})
