import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafka } from '../../../scripts/services/kafka.ts'
import { type BrokerPlan, killKafka, makeClusterId, startKafka } from '../../../scripts/services/kafka-broker.ts'
import { chooseFreePort } from '../../../src/database/embedded/free-port.ts'

export interface OwnCluster {
  brokers: string
  /** Kills the broker with this number, from 0 on, as a power failure does. */
  kill(broker: number): Promise<void>
  /** Starts it again with what it had. */
  start(broker: number): Promise<void>
  stop(): Promise<void>
}

export const brokersCount = 3

/** As in production: three copies of everything, two of which must have written what is confirmed. */
const properties = {
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  // A member that is gone leaves the copies in sync after this long: 30 seconds otherwise.
  'replica.lag.time.max.ms': '3000',
}

/** Three brokers on loopback that are their own controllers; about 250 MB each. */
export async function startOwnCluster(): Promise<OwnCluster> {
  await kafka.install()
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-kafka-cluster-'))
  const indexes = Array.from({ length: brokersCount }, (_, index) => index)
  const ports: { port: number; controllerPort: number }[] = []
  for (const _ of indexes) ports.push({ port: await chooseFreePort(), controllerPort: await chooseFreePort() })
  const voters = ports.map(({ controllerPort }, index) => `${index + 1}@127.0.0.1:${controllerPort}`).join()
  const clusterId = makeClusterId()
  const plans = ports.map(({ port, controllerPort }, index): BrokerPlan => {
    const member = { nodeId: index + 1, clusterId, controllerPort, voters }
    return { directory: join(directory, String(index)), port, properties, member }
  })
  const planOf = (broker: number): BrokerPlan => {
    const plan = plans[broker]
    if (!plan) throw new Error(`There is no broker ${broker}`)
    return plan
  }
  const kill = (broker: number) => killKafka(planOf(broker).directory)
  const start = async (broker: number) => {
    await startKafka(planOf(broker))
  }
  // At once: none takes connections before most of them agree who leads.
  await Promise.all(indexes.map(start))
  return {
    brokers: ports.map(({ port }) => `127.0.0.1:${port}`).join(),
    kill,
    start,
    async stop() {
      await Promise.all(indexes.map(kill))
      await rm(directory, { recursive: true, force: true })
    },
  }
}
