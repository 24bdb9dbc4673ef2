import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafka } from '../../../scripts/services/kafka.ts'
import { type BrokerPlan, hangKafka, killKafka, startKafka, stopKafka } from '../../../scripts/services/kafka-broker.ts'

export interface OwnKafka {
  brokers: string
  /** Stops and starts it; what was confirmed is there afterwards. */
  restart(): Promise<void>
  /** The same without giving it time to end. */
  crash(): Promise<void>
  /** It keeps its connections and answers nothing any more; only `stop` ends that. */
  hang(): Promise<void>
  stop(): Promise<void>
}

/**
 * A broker for one test file, which may do with it what others could not bear. Undefined, with a line that nobody overlooks, where
 * Kafka is not installed; with REQUIRE_SERVICES=1 it is installed first, or the tests fail.
 */
export async function startOwnKafka(plan: Omit<BrokerPlan, 'directory'> = {}): Promise<OwnKafka | undefined> {
  if (process.env.REQUIRE_SERVICES !== '1' && (await kafka.status()).state === 'not-installed') {
    process.stderr.write(
      '\n*** SKIPPED, the service kafka is not installed: npm run services -- up kafka brings it here\n\n',
    )
    return undefined
  }
  await kafka.install()
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-kafka-'))
  const ownPlan = { ...plan, directory }
  const { brokers, port } = await startKafka(ownPlan)
  const again = async () => {
    await startKafka({ ...ownPlan, port })
  }
  return {
    brokers,
    restart: () => stopKafka(directory).then(again),
    crash: () => killKafka(directory).then(again),
    hang: () => hangKafka(directory),
    async stop() {
      // Nobody wants what it would put away when it is asked to end.
      await killKafka(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
