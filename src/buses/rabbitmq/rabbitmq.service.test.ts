import { afterAll, describe } from 'vitest'
import { makeAuthority } from '../../../test/peers/certificates.ts'
import { describeAlarm } from '../../../test/peers/rabbitmq/describe-alarm.ts'
import { describeGoingAway } from '../../../test/peers/rabbitmq/describe-going-away.ts'
import { describeTls } from '../../../test/peers/rabbitmq/describe-tls.ts'
import { startOwnBroker } from '../../../test/peers/rabbitmq/own-broker.ts'
import { requireService } from '../../../test/peers/require-service.ts'
import { chooseFreePort } from '../../database/embedded/free-port.ts'
import { describeBusConformance } from '../../testing/bus-conformance.ts'
import { createRabbitMqBus } from './bus.ts'

const address = await requireService('rabbitmq')
// It is restarted, which nobody else would like, and takes long to start: all that needs one of its own is done with this one.
const authority = address && (await makeAuthority())
const proof = await authority?.issue('broker')
const port = await chooseFreePort()
const tls = {
  certfile: proof?.files.certificate,
  keyfile: proof?.files.key,
  cacertfile: authority?.file,
  verify: 'verify_peer',
  fail_if_no_peer_cert: 'true',
}
const tlsLines = Object.entries(tls).map(([name, value]) => `ssl_options.${name} = ${value}\n`)
const broker = proof && (await startOwnBroker(`listeners.ssl.default = 127.0.0.1:${port}\n${tlsLines.join('')}`))
// Where only somebody else's broker is at hand what needs its own is left out.
const url = broker?.url ?? address?.url ?? ''

afterAll(async () => {
  await broker?.remove()
  await authority?.remove()
})

describe.skipIf(address === undefined)('on RabbitMQ', () => {
  describeBusConformance('rabbitmq', {
    open: async () => createRabbitMqBus({ url }),
    inChild: { module: new URL('./bus.ts', import.meta.url), factory: 'createRabbitMqBus', options: { url } },
    refusedBodyBytes: 16_777_217,
    ...(broker && { restart: () => broker.restart() }),
  })

  if (broker && authority) {
    describe('over TLS', () => describeTls({ port, authority }))
    describe('a broker that is short of memory or disk', () => describeAlarm(broker))
    describe('a broker that goes away', () => describeGoingAway(broker))
  }
})
