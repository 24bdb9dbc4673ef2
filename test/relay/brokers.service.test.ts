import { afterAll, beforeAll, describe } from 'vitest'
import { findBusEngine } from '../../src/buses/index.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'
import { requireService } from '../peers/require-service.ts'
import { describeRelayOnBus } from './describe-relay-on-bus.ts'

const kafka = await requireService('kafka')
const rabbitmq = await requireService('rabbitmq')
const brokers = [
  { engine: 'kafka', url: kafka && `kafka://${kafka.brokers ?? ''}`, compression: 'zstd' },
  { engine: 'rabbitmq', url: rabbitmq?.url, compression: 'none' },
] as const

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server?.stop())

describe.concurrent.each(brokers)('on $engine', ({ engine, url, compression }) => {
  describe.skipIf(url === undefined)('with its own client', () => {
    describeRelayOnBus(engine, {
      open: () => findBusEngine(engine)({ url: url ?? '', compression, clientName: 'suite', logger: silentLogger }),
      createDatabase: () => server.createDatabase(),
    })
  })
})
