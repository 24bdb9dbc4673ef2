import { afterAll, describe } from 'vitest'
import { startOwnBroker } from '../../../test/peers/rabbitmq/own-broker.ts'
import { requireService } from '../../../test/peers/require-service.ts'
import { describeBusConformance } from '../../testing/bus-conformance.ts'
import { createRabbitMqBus } from './bus.ts'

const address = await requireService('rabbitmq')
// It is restarted, which nobody else would like. Where only somebody else's broker is at hand that part is left out.
const broker = address === undefined ? undefined : await startOwnBroker()
const url = broker?.url ?? address?.url ?? ''

describe.skipIf(address === undefined)('on RabbitMQ', () => {
  describeBusConformance('rabbitmq', {
    open: async () => createRabbitMqBus({ url }),
    inChild: { module: new URL('./bus.ts', import.meta.url), factory: 'createRabbitMqBus', options: { url } },
    refusedBodyBytes: 16_777_217,
    ...(broker && { restart: () => broker.restart() }),
  })

  afterAll(() => broker?.remove())
})
