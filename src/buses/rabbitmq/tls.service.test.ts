import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OwnBroker, startOwnBroker } from '../../../test/peers/rabbitmq/own-broker.ts'
import { requireService } from '../../../test/peers/require-service.ts'
import { chooseFreePort } from '../../database/embedded/free-port.ts'
import { createRabbitMqBus } from './bus.ts'
import type { RabbitMqOptions } from './options.ts'

const isHere = (await requireService('rabbitmq')) !== undefined

describe.skipIf(!isHere)('RabbitMQ over TLS', () => {
  let broker: OwnBroker | undefined
  let directory: string
  let port: number
  let certificate: string

  /** What becomes of making a topic there. */
  const attempt = async (host: string, options: Partial<RabbitMqOptions>): Promise<string> => {
    const url = `amqps://tillflow:tillflow@${host}:${port}`
    const bus = createRabbitMqBus({ url, connectTimeoutMs: 5_000, ...options })
    const made = bus.prepareTopics([{ topic: 'tls.topic', partitionsCount: 1, retentionMs: 0 }])
    const outcome = await made.then(
      () => 'made',
      (error: Error) => `${error.name}: ${error.message}`,
    )
    await bus.close()
    return outcome
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tillflow-tls-'))
    port = await chooseFreePort()
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert]
    const about = ['-days', '2', '-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1']
    await promisify(execFile)('openssl', ['req', '-x509', ...made, ...about])
    certificate = await readFile(cert, 'utf8')
    broker = await startOwnBroker(
      `listeners.ssl.default = 127.0.0.1:${port}\nssl_options.certfile = ${cert}\nssl_options.keyfile = ${key}\n`,
    )
  })
  afterAll(async () => {
    await broker?.remove()
    await rm(directory, { recursive: true, force: true })
  })

  it('believes a broker whose certificate it was given', async () => {
    expect(await attempt('127.0.0.1', { certificateAuthorities: certificate })).toBe('made')
  })

  it('believes no broker whose certificate nobody vouches for', async () => {
    expect(await attempt('127.0.0.1', {})).toMatch(/BusFailure: .*self-signed certificate/)
  })

  it('believes no broker with another name than its certificate', async () => {
    const outcome = await attempt('localhost', { certificateAuthorities: certificate })
    expect(outcome).toMatch(/BusFailure: .*does not match certificate/)
  })
})
