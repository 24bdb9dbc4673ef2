import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { kafka as service } from '../../../scripts/services/kafka.ts'
import { makeAuthority } from '../../../test/peers/certificates.ts'
import { startOwnKafka } from '../../../test/peers/kafka/own-kafka.ts'
import { tlsOfSettings } from '../../../test/peers/tls-of-settings.ts'
import { startHubProcess } from '../../../test/telemetry/hub.ts'
import type { BusMessage, ReceivedMessage } from '../../contract/bus.ts'
import { chooseFreePort } from '../../database/embedded/free-port.ts'
import { startTestServer } from '../../testing/database/test-server.ts'
import { makeSale } from '../../testing/receipts.ts'
import { createKafkaBus, type KafkaBusOptions } from './bus.ts'

const [tlsPort, saslPort] = [await chooseFreePort(), await chooseFreePort()]
const secret = { username: 'relay', password: 'secret of relay' }
const isThere = process.env.REQUIRE_SERVICES === '1' || (await service.status()).state !== 'not-installed'
if (isThere) await service.install()
const authority = isThere ? await makeAuthority() : undefined
const proof = await authority?.issue('broker')
const module = 'org.apache.kafka.common.security'
const kafka = await startOwnKafka({
  listeners: { SSL: tlsPort, SASL_SSL: saslPort },
  properties: {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': proof?.files.both ?? '',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authority?.file ?? '',
    // Of the listener without SASL: there a certificate says who somebody is.
    'ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl_ssl.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required user_${secret.username}="${secret.password}";`,
    'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
  },
  scram: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
    (name) => `${name}=[name=${secret.username},password=${secret.password}]`,
  ),
})

afterAll(async () => {
  await kafka?.stop()
  await authority?.remove()
})

const tls = { certificateAuthorities: authority?.certificate ?? '' }
const client = await authority?.issue('hub')
const ofSettings = authority && client && tlsOfSettings(authority, client)
const sasl = (mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512') => ({ mechanism, ...secret })
const atTls = { brokers: [`127.0.0.1:${tlsPort}`] }
const atSasl = { brokers: [`127.0.0.1:${saslPort}`] }
const topic = 'secrets'
const plan = { topic, partitionsCount: 1, retentionMs: 3_600_000 }

/** Publishes through a bus and reads it back through the same. */
async function roundTrip(options: KafkaBusOptions): Promise<void> {
  const bus = createKafkaBus({ ...options, sessionTimeoutMs: 6_000 })
  try {
    await bus.prepareTopics([plan])
    const got = Promise.withResolvers<ReceivedMessage>()
    const body = Buffer.alloc(5_000, 'receipt ')
    const headers = { at: randomUUID() }
    const sent: BusMessage = { topic, orderingKey: 'a', headers, contentType: 'text/plain', body }
    await bus.subscribe({
      group: `secure-${randomUUID()}`,
      topics: [topic],
      batchMax: 10,
      prefetchMax: 10,
      onMessages: async (messages) => {
        for (const message of messages) if (message.headers.at === sent.headers.at) got.resolve(message)
      },
    })
    await bus.publish([sent])
    expect(Buffer.compare((await got.promise).body, sent.body)).toBe(0)
  } finally {
    await bus.close()
  }
}

const refusalOf = (options: KafkaBusOptions) => {
  const bus = createKafkaBus({ retryMaxMs: 3_000, ...options })
  return bus
    .prepareTopics([plan])
    .finally(() => bus.close())
    .then(
      () => expect.unreachable('it was let in'),
      (error: unknown) => error,
    )
}

describe.skipIf(!kafka)('a cluster behind locks', () => {
  it.each<[string, KafkaBusOptions]>([
    ['TLS and a certificate', { ...atTls, tls: ofSettings ?? {} }],
    ['SASL PLAIN', { ...atSasl, tls, sasl: sasl('PLAIN') }],
    ['SASL SCRAM-SHA-256', { ...atSasl, tls, sasl: sasl('SCRAM-SHA-256') }],
    ['SASL SCRAM-SHA-512', { ...atSasl, tls, sasl: sasl('SCRAM-SHA-512') }],
  ])('lets us in with %s', (_, options) => roundTrip(options))

  it('says that the password is wrong, once and for good', async () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256'] as const) {
      const wrong = { mechanism, username: secret.username, password: 'wrong' }
      const failure = await refusalOf({ ...atSasl, tls, sasl: wrong })
      expect(failure).toMatchObject({ isTransient: false, message: expect.stringContaining('SASL') })
      expect(String(failure)).not.toContain('wrong')
    }
  })

  it('does not speak to a broker whose certificate nobody vouches for', async () => {
    const failure = await refusalOf({ ...atTls, tls: {} })
    expect(failure).toMatchObject({
      isTransient: false,
      message: expect.stringContaining('unable to verify the first certificate'),
    })
  })

  it('says that the broker does not take our certificate: none, an expired one, one of somebody else', async () => {
    const stranger = await makeAuthority()
    const late = await authority?.issue('late', { isExpired: true })
    for (const [shown, words] of [
      [undefined, 'the broker wants a certificate of ours, and busClientCertificate is not set'],
      [late, 'the broker does not take our certificate; it is valid until 20'],
      [await stranger.issue('strange'), 'the broker does not take our certificate; it is valid until 20'],
    ] as const) {
      const failure = await refusalOf({ ...atTls, tls: { ...tls, ...(shown && { client: shown }) } })
      expect(failure).toMatchObject({ isTransient: false, message: expect.stringContaining(`Kafka: ${words}`) })
    }
    await stranger.remove()
  })

  it('says that TLS is missing, on our side or on theirs', async () => {
    expect(await refusalOf(atTls)).toMatchObject({ message: expect.stringMatching(/TLS|closed/) })
    expect(await refusalOf({ brokers: [kafka?.brokers ?? ''], tls })).toMatchObject({ name: 'BusFailure' })
  })
})

describe.skipIf(!kafka)('a hub', () => {
  it('goes on recording while the broker does not take its certificate, and says why', async () => {
    const server = await startTestServer()
    const { url } = await server.createDatabase()
    const late = await authority?.issue('yesterday', { isExpired: true })
    const directory = await mkdtemp(join(tmpdir(), 'tillflow-locked-'))
    const refused = await startHubProcess({
      TILLFLOW_DATA_DIRECTORY: directory,
      TILLFLOW_DATABASE_URL: url,
      TILLFLOW_BUS_ENGINE: 'kafka',
      TILLFLOW_BUS_URL: `kafkas://127.0.0.1:${tlsPort}`,
      TILLFLOW_BUS_CERTIFICATE_AUTHORITIES: `file:${authority?.file}`,
      TILLFLOW_BUS_CLIENT_CERTIFICATE: `file:${late?.files.certificate}`,
      TILLFLOW_BUS_CLIENT_KEY: `file:${late?.files.key}`,
    })
    expect((await refused.post(makeSale(1))).status).toBe(201)
    await expect
      .poll(() => refused.log(), { timeout: 30_000 })
      .toContain('the broker does not take our certificate; it is')
    expect(await refused.stop()).toBe(0)
    await server.stop()
    await rm(directory, { recursive: true, force: true })
  })
})

describe.skipIf(!kafka)('what is compressed', () => {
  it.each(['none', 'gzip', 'zstd', 'lz4', 'snappy'] as const)('comes back as it was: %s', (compression) =>
    roundTrip({ brokers: [kafka?.brokers ?? ''], compression }),
  )
})
