import { afterAll, describe } from 'vitest'
import { startOwnKafka } from '../../../test/peers/kafka/own-kafka.ts'
import { describeBusConformance } from '../../testing/bus-conformance.ts'
import { createKafkaBus, type KafkaBusOptions } from './bus.ts'

const kafka = await startOwnKafka()
// The shortest session that brokers allow: a killed consumer is replaced after it.
const options: KafkaBusOptions = { brokers: [kafka?.brokers ?? ''], sessionTimeoutMs: 6_000, compression: 'zstd' }

afterAll(() => kafka?.stop())

describe.skipIf(!kafka)('with a broker that may be restarted', () => {
  describeBusConformance('kafka', {
    open: async () => createKafkaBus(options),
    inChild: { module: new URL('./bus.ts', import.meta.url), factory: 'createKafkaBus', options },
    refusedBodyBytes: 1_100_000,
    restart: async () => kafka?.restart(),
  })
})
