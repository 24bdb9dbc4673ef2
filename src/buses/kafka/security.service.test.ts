import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { kafka as service } from '../../../scripts/services/kafka.ts'
import { startOwnKafka } from '../../../test/peers/kafka/own-kafka.ts'
import { makeKeyStore } from '../../../test/peers/kafka/self-signed.ts'
import type { BusMessage, ReceivedMessage } from '../../contract/bus.ts'
import { chooseFreePort } from '../../database/embedded/free-port.ts'
import { createKafkaBus, type KafkaBusOptions } from './bus.ts'

const directory = await mkdtemp(join(tmpdir(), 'tillflow-keys-'))
const [tlsPort, saslPort] = [await chooseFreePort(), await chooseFreePort()]
const secret = { username: 'relay', password: 'secret of relay' }
const isThere = process.env.REQUIRE_SERVICES === '1' || (await service.status()).state !== 'not-installed'
if (isThere) await service.install()
const keys = isThere ? await makeKeyStore(directory) : undefined
const module = 'org.apache.kafka.common.security'
const kafka = await startOwnKafka({
  listeners: { SSL: tlsPort, SASL_SSL: saslPort },
  properties: {
    ...keys?.properties,
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
  await rm(directory, { recursive: true, force: true })
})

const tls = { ca: keys?.certificate ?? '' }
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
    ['TLS', { ...atTls, tls }],
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
    expect(failure).toMatchObject({ isTransient: false, message: expect.stringContaining('self-signed certificate') })
  })

  it('says that TLS is missing, on our side or on theirs', async () => {
    expect(await refusalOf(atTls)).toMatchObject({ message: expect.stringMatching(/TLS|closed/) })
    expect(await refusalOf({ brokers: [kafka?.brokers ?? ''], tls })).toMatchObject({ name: 'BusFailure' })
  })
})

describe.skipIf(!kafka)('what is compressed', () => {
  it.each(['none', 'gzip', 'zstd', 'lz4', 'snappy'] as const)('comes back as it was: %s', (compression) =>
    roundTrip({ brokers: [kafka?.brokers ?? ''], compression }),
  )
})
