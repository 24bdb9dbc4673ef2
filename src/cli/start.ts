import type { Command } from 'commander'
import { act } from './act.ts'
import { readPackage } from './package.ts'
import { say } from './print.ts'

interface StartOptions {
  roles?: string
  port?: string
  host?: string
  dataDirectory?: string
  evaluation?: boolean
}

const stopWithinMs = 25_000

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('Start the hub: API, delivery and scheduler, with an embedded PostgreSQL unless databaseUrl is set')
    .option('--roles <roles>', 'what this process does: api,delivery,relay,scheduler')
    .option('--host <address>', 'address to listen on')
    .option('--port <port>', 'port to listen on')
    .option('--data-directory <path>', 'where the embedded database, keys and locks live')
    .option('--evaluation', 'allow a database that may lose acknowledged receipts')
    .addHelpText(
      'after',
      '\nExamples:\n  tillflow start\n  tillflow start --roles delivery   # one more delivery process, with databaseUrl set',
    )
    .action(act(start))
}

async function start(options: StartOptions): Promise<undefined> {
  const [
    { loadSettings },
    { createLogger },
    { startTelemetry },
    { startHub },
    { connectors },
    { sources },
    { refuseWeakSecrets },
  ] = await Promise.all([
    import('../settings/load-settings.ts'),
    import('../observability/logger.ts'),
    import('./start-telemetry.ts'),
    import('../runtimes/node/start-hub.ts'),
    import('../connectors/index.ts'),
    import('../sources/index.ts'),
    import('../settings/secrets/weak-secrets.ts'),
  ])
  const { roles, port: httpPort, host: httpHost, dataDirectory, evaluation } = options
  const { settings } = loadSettings({ overrides: { roles, httpPort, httpHost, dataDirectory, evaluation } })
  refuseWeakSecrets(settings, connectors)
  const logger = createLogger({ level: settings.logLevel, name: 'tillflow' })
  const telemetry = await startTelemetry(settings, logger, readPackage().version)
  const { metrics, tracer } = telemetry
  const program = [process.argv[1] ?? '']
  const hub = await startHub({ settings, connectors, sources, logger, metrics, tracer, program })
  if (hub.address !== undefined) say(`tillflow listens on ${hub.address} (stop with Ctrl-C)`)
  process.send?.({ ready: true, address: hub.address })
  await stopSignal()
  // Whatever hangs while stopping has nothing acknowledged that is not on disk.
  setTimeout(() => process.exit(1), stopWithinMs).unref()
  await hub.stop()
  await telemetry.stop()
  // The channel to the process that started this one would keep this one alive.
  if (process.connected) process.disconnect()
}

/** SIGINT, SIGTERM, or the end of the process that started this one. A second signal ends at once. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.once('SIGINT', () => process.exit(130))
      process.once('SIGTERM', () => process.exit(143))
      resolve()
    }
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    if (process.send) process.once('disconnect', stop)
  })
}
