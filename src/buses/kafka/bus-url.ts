import { Problem } from '../../contract/problem.ts'
import type { KafkaBusOptions } from './options.ts'

type Reach = Pick<KafkaBusOptions, 'brokers' | 'tls' | 'sasl'>

/** Schema, user and password, brokers, mechanism. Not a `URL`, which has one host. */
const form =
  /^(?:(?<scheme>kafkas?):\/\/)?(?:(?<user>[^:@/?]+):(?<password>[^@/?]+)@)?(?<brokers>[^@/?,]+(?:,[^@/?,]+)*)\/?(?:\?mechanism=(?<mechanism>[A-Za-z0-9-]+))?$/
const broker = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const
const portDefault = '9092'

/**
 * Reads `host:port,host:port`, or `kafka://` and, with TLS, `kafkas://user:password@host:port,...?mechanism=PLAIN`. User and password
 * are percent-encoded; without a mechanism it is SCRAM-SHA-512. Throws `settings-invalid`, which repeats nothing of the secret.
 */
export function readBusUrl(url: string): Reach {
  const { scheme, user, password, brokers = '', mechanism } = form.exec(url)?.groups ?? {}
  const addresses = brokers.split(',')
  if (!addresses.every((address) => broker.test(address))) throw unreadable('kafka://user:password@host:port,host:port')
  const named = mechanisms.find((one) => one === (mechanism?.toUpperCase() ?? 'SCRAM-SHA-512'))
  if (!named) throw unreadable(`mechanism must be one of ${mechanisms.join(', ')}`)
  if (user === undefined && mechanism !== undefined) throw unreadable('a mechanism needs a user and a password')
  return {
    brokers: addresses.map((address) => (/:[0-9]+$/.test(address) ? address : `${address}:${portDefault}`)),
    ...(scheme === 'kafkas' && { tls: {} }),
    ...(user !== undefined && { sasl: { mechanism: named, username: decode(user), password: decode(password ?? '') } }),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw unreadable('user and password must be percent-encoded')
  }
}

function unreadable(why: string): Problem {
  return new Problem('settings-invalid', `busUrl is not readable as the address of Kafka: ${why}`)
}
