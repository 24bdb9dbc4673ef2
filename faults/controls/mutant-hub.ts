import { type BusConnection, findBusEngine } from '../../src/buses/index.ts'
import { connectors } from '../../src/connectors/index.ts'
import { passiveTracer } from '../../src/contract/tracer.ts'
import { createPool } from '../../src/database/pool.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { startDelivery } from '../../src/runtimes/node/delivery.ts'
import { startRelay } from '../../src/runtimes/node/relay.ts'
import { startApi } from '../../src/runtimes/node/start-hub.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { sources } from '../../src/sources/index.ts'
import { type Mutant, type MutantName, mutants } from './mutants.ts'

/** The hub put together from its own parts with one of them replaced: what a control runs instead of the hub. */
const mutant: Mutant = mutants[process.argv[2] as MutantName]
const { settings } = loadSettings()
const logger = createLogger({ level: settings.logLevel, name: 'mutant' })
const url = settings.databaseUrl.reveal()
const own = createPool({ url, sizeMax: settings.databasePoolSizeMax, applicationName: 'tillflow', logger })
const pool = mutant.pool?.(own) ?? own
const metrics = createMetrics()
const change = mutant.connector ?? ((connector) => connector)
const options = {
  settings,
  connectors: connectors.map(change),
  sources: sources.map((source) => mutant.source?.(source) ?? source),
  logger,
  metrics,
  program: [],
}
let address: string | undefined
if (settings.roles.includes('delivery')) await startDelivery({ ...options, pool, url, tracer: passiveTracer })
if (settings.roles.includes('relay')) {
  const openBus = async (connection: BusConnection) => {
    const bus = await findBusEngine(settings.busEngine)(connection)
    return mutant.bus?.(bus) ?? bus
  }
  await startRelay({ ...options, pool, url, openBus })
}
if (settings.roles.includes('api')) {
  const database = { pool, url, close: () => own.end() }
  const { server } = await startApi(options, database, () => void pool.query('notify tillflow_journal').catch(() => {}))
  address = await server.listen({ host: settings.httpHost, port: settings.httpPort, backlog: 1_024 })
}
process.send?.({ ready: true, address })
process.once('disconnect', () => process.exit(0))
process.once('SIGTERM', () => process.exit(0))
