import { afterAll, describe } from 'vitest'
import { describeAlarm } from '../../../test/peers/rabbitmq/describe-alarm.ts'
import { describeGoingAway } from '../../../test/peers/rabbitmq/describe-going-away.ts'
import { describeTls } from '../../../test/peers/rabbitmq/describe-tls.ts'
import { makeBrokerCertificate } from '../../../test/peers/rabbitmq/make-certificate.ts'
import { startOwnBroker } from '../../../test/peers/rabbitmq/own-broker.ts'
import { requireService } from '../../../test/peers/require-service.ts'
import { chooseFreePort } from '../../database/embedded/free-port.ts'
import { describeBusConformance } from '../../testing/bus-conformance.ts'
import { createRabbitMqBus } from './bus.ts'

const address = await requireService('rabbitmq')
// It is restarted, which nobody else would like, and takes long to start: all that needs one of its own is done with this one.
const proof = address && (await makeBrokerCertificate())
const port = await chooseFreePort()
const broker = proof && (await startOwnBroker(proof.listenOn(port)))
// Where only somebody else's broker is at hand what needs its own is left out.
const url = broker?.url ?? address?.url ?? ''

afterAll(async () => {
  await broker?.remove()
  await proof?.remove()
})

describe.skipIf(address === undefined)('on RabbitMQ', () => {
  describeBusConformance('rabbitmq', {
    open: async () => createRabbitMqBus({ url }),
    inChild: { module: new URL('./bus.ts', import.meta.url), factory: 'createRabbitMqBus', options: { url } },
    refusedBodyBytes: 16_777_217,
    ...(broker && { restart: () => broker.restart() }),
  })

  if (broker && proof) {
    describe('over TLS', () => describeTls({ port, certificate: proof.certificate }))
    describe('a broker that is short of memory', () => describeAlarm(broker))
    describe('a broker that goes away', () => describeGoingAway(broker))
  }
})
