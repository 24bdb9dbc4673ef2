import type { Base, Connection } from '@platformatic/kafka'
import { BusFailure } from '../../contract/bus.ts'
import { explainCertificateRefusal } from '../certificate-refusal.ts'
import { collectErrors } from './failure.ts'
import type { KafkaSettings } from './options.ts'

const refusals = new WeakMap<Base, string>()

/**
 * Remembers what brokers say of our certificate. With TLS 1.3 they say it after the connection is made, and the client then tells
 * whoever waits for an answer only that it was closed.
 */
export function rememberRefusals<Client extends Base>(client: Client, { tls }: KafkaSettings): Client {
  client.connections.on('connecting', ({ connection }: { connection: Connection }) => {
    connection.on('error', (error: Error) => {
      const words = collectErrors(error)
        .map((one) => explainCertificateRefusal(one, tls))
        .find((text) => text !== undefined)
      if (words !== undefined) refusals.set(client, words)
    })
  })
  return client
}

/** Does something with a client that remembers; where it fails after a refusal, that is why. */
export async function unlessRefused<Result>(client: Base, work: () => Promise<Result>): Promise<Result> {
  try {
    const result = await work()
    refusals.delete(client)
    return result
  } catch (cause) {
    const words = refusals.get(client)
    throw words === undefined ? cause : new BusFailure(`Kafka: ${words}`, { isTransient: false, cause })
  }
}
