import type { Bus, BusTls } from '../contract/bus.ts'
import type { Logger } from '../contract/logger.ts'
import { Problem } from '../contract/problem.ts'
import { readBusUrl } from './kafka/bus-url.ts'

/** What every engine is opened with. */
export interface BusConnection {
  /** As in the setting `busUrl`. */
  url: string
  /** For a broker that speaks TLS. */
  tls?: BusTls | undefined
  /** Copies of a topic that is made, where the engine can be told; undefined: what the broker does by itself. */
  replicasCount?: number | undefined
  compression: 'none' | 'gzip' | 'zstd' | 'lz4' | 'snappy'
  /** Shown by the broker. */
  clientName: string
  logger: Logger
}

/** Loaded when chosen: a client of a broker takes a while, and most installations have none. */
const engines: Readonly<Record<string, (connection: BusConnection) => Promise<Bus>>> = {
  postgres: async ({ url, logger }) => (await import('./postgres/bus.ts')).openPostgresBus({ url, logger }),
  kafka: async ({ url, tls, replicasCount, compression, clientName }) => {
    const { createKafkaBus } = await import('./kafka/bus.ts')
    return createKafkaBus({
      ...readBusUrl(url),
      ...(tls && { tls }),
      ...(replicasCount !== undefined && { replicasCount }),
      compression,
      clientId: clientName,
    })
  },
  rabbitmq: async ({ url, tls, clientName, logger }) =>
    (await import('./rabbitmq/bus.ts')).createRabbitMqBus({
      url,
      ...(tls && { tls }),
      connectionName: clientName,
      // Events that nobody has asked for yet are no failure: the journal has them.
      unroutable: 'drop',
      onUnroutable: (topic) =>
        logger.warn({ topic }, 'RabbitMQ has no queue for an event of this topic and forgot it; this is told once'),
      onTrouble: (failure) => logger.warn({ error: failure.message }, 'trouble with the broker'),
      onBlocked: (reason) => {
        if (reason === undefined) logger.info({}, 'RabbitMQ takes messages again')
        else logger.warn({ reason }, 'RabbitMQ takes no messages now; events wait in the journal')
      },
    }),
}

/** Gives what opens a bus of this engine. Throws `settings-invalid` where this version has no such engine. */
export function findBusEngine(engine: string): (connection: BusConnection) => Promise<Bus> {
  const open = Object.hasOwn(engines, engine) ? engines[engine] : undefined
  if (!open) throw new Problem('settings-invalid', `busEngine: this version has no engine ${engine}.`)
  return open
}

const defaultPorts: Readonly<Record<string, string>> = {
  'amqp:': '5672',
  'amqps:': '5671',
  'postgres:': '5432',
  'postgresql:': '5432',
}

/**
 * Where the broker of a `busUrl` is, without user and password: what tells one broker from another. With the virtual host or the
 * database where there is one; several for a cluster. Undefined where the address is none that can be read.
 */
export function brokerAddressesOf(engine: string, url: string): string[] | undefined {
  try {
    if (engine === 'kafka') return readBusUrl(url).brokers.map((broker) => broker.toLowerCase())
    const { protocol, hostname, port, pathname } = new URL(url)
    const path = pathname === '/' ? '' : pathname
    return [`${hostname.toLowerCase()}:${port || (defaultPorts[protocol] ?? '')}${path}`]
  } catch {
    return undefined
  }
}
