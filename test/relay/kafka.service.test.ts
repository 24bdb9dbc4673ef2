import { afterAll, beforeAll, describe } from 'vitest'
import { findBusEngine } from '../../src/buses/index.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'
import { requireService } from '../peers/require-service.ts'
import { describeRelayOnBus } from './describe-relay-on-bus.ts'

const address = await requireService('kafka')
const connection = {
  url: `kafka://${address?.brokers ?? ''}`,
  compression: 'zstd',
  clientName: 'suite',
  logger: silentLogger,
} as const

let server: TestServer
beforeAll(async () => {
  if (address) server = await startTestServer()
})
afterAll(() => server?.stop())

describe.skipIf(!address)('on Kafka', () => {
  describeRelayOnBus('kafka', {
    open: () => findBusEngine('kafka')(connection),
    createDatabase: () => server.createDatabase(),
  })
})
