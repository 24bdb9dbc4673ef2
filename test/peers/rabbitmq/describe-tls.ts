import { expect, it } from 'vitest'
import { createRabbitMqBus } from '../../../src/buses/rabbitmq/bus.ts'
import type { RabbitMqOptions } from '../../../src/buses/rabbitmq/options.ts'

/** It tries again until then: another broker may come. */
const soon = { connectTimeoutMs: 1_000 }

/** What the client asks of the certificate of a broker that speaks TLS on this port of 127.0.0.1. */
export function describeTls({ port, certificate }: { port: number; certificate: string }): void {
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

  it('believes a broker whose certificate it was given', async () => {
    expect(await attempt('127.0.0.1', { certificateAuthorities: certificate })).toBe('made')
  })

  it('believes no broker whose certificate nobody vouches for', async () => {
    expect(await attempt('127.0.0.1', soon)).toMatch(/BusFailure: .*self-signed certificate/)
  })

  it('believes no broker with another name than its certificate', async () => {
    const outcome = await attempt('localhost', { ...soon, certificateAuthorities: certificate })
    expect(outcome).toMatch(/BusFailure: .*does not match certificate/)
  })
}
