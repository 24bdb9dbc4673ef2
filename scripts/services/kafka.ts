import { join } from 'node:path'
import { serviceDirectory } from './directories.ts'
import { findKafka, startKafka, stopKafka } from './kafka-broker.ts'
import { ensureKafkaJars, findKafkaJars } from './kafka-jars.ts'
import type { Service } from './service.ts'

/** Brokers `host:port`, separated by commas, of a cluster that is there already; it is then neither installed, started nor stopped. */
const existing = process.env.KAFKA_BROKERS

/** Kafka 4 in KRaft mode from Maven Central: one broker that is its own controller. */
export const kafka: Service = {
  name: 'kafka',
  title: 'Kafka, a broker',
  needs: [],
  async install() {
    if (!existing) await ensureKafkaJars()
  },
  async up() {
    if (!existing) await startKafka({ directory: await brokerDirectory() })
  },
  async down() {
    if (!existing) await stopKafka(await brokerDirectory())
  },
  async status() {
    if (existing) return { state: 'up', address: { brokers: existing } }
    const brokers = await findKafka(await brokerDirectory())
    if (brokers !== undefined) return { state: 'up', address: { brokers } }
    return { state: (await findKafkaJars()) === undefined ? 'not-installed' : 'down' }
  },
}

async function brokerDirectory(): Promise<string> {
  return join(await serviceDirectory('kafka'), 'broker')
}
