import type { Bus } from '../contract/bus.ts'
import type { Logger } from '../contract/logger.ts'
import { Problem } from '../contract/problem.ts'

/** What every engine is opened with. */
export interface BusConnection {
  /** As in the setting `busUrl`. */
  url: string
  compression: 'none' | 'gzip' | 'zstd' | 'lz4' | 'snappy'
  /** Shown by the broker. */
  clientName: string
  logger: Logger
}

/** Loaded when chosen: a client of a broker takes a while, and most installations have none. */
const engines: Readonly<Record<string, (connection: BusConnection) => Promise<Bus>>> = {
  postgres: async ({ url, logger }) => (await import('./postgres/bus.ts')).openPostgresBus({ url, logger }),
  kafka: async ({ url, compression, clientName }) => {
    const [{ createKafkaBus }, { readBusUrl }] = await Promise.all([
      import('./kafka/bus.ts'),
      import('./kafka/bus-url.ts'),
    ])
    return createKafkaBus({ ...readBusUrl(url), compression, clientId: clientName })
  },
  rabbitmq: async ({ url, clientName, logger }) =>
    (await import('./rabbitmq/bus.ts')).createRabbitMqBus({
      url,
      connectionName: clientName,
      // Events that nobody has asked for yet are no failure: the journal has them.
      unroutable: 'drop',
      onUnroutable: (topic) =>
        logger.warn({ topic }, 'RabbitMQ has no queue for an event of this topic and forgot it; this is told once'),
      onTrouble: (failure) => logger.warn({ error: failure.message }, 'trouble with the broker'),
    }),
}

/** Gives what opens a bus of this engine. Throws `settings-invalid` where this version has no such engine. */
export function findBusEngine(engine: string): (connection: BusConnection) => Promise<Bus> {
  const open = Object.hasOwn(engines, engine) ? engines[engine] : undefined
  if (!open) throw new Problem('settings-invalid', `busEngine: this version has no engine ${engine}.`)
  return open
}
