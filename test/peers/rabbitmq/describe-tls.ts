import { expect, it } from 'vitest'
import { createRabbitMqBus } from '../../../src/buses/rabbitmq/bus.ts'
import type { RabbitMqOptions } from '../../../src/buses/rabbitmq/options.ts'
import type { BusTls } from '../../../src/contract/bus.ts'
import { type CertificateAuthority, makeAuthority } from '../certificates.ts'

/** It tries again until then: another broker may come. */
const soon = { connectTimeoutMs: 1_000 }

/** What both sides ask of a certificate, at a broker of this authority that speaks TLS on this port of 127.0.0.1 and wants one. */
export function describeTls({ port, authority }: { port: number; authority: CertificateAuthority }): void {
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
  const certificateAuthorities = authority.certificate
  const showing = async (client: Promise<BusTls['client']> | undefined) => {
    const shown = await client
    return attempt('127.0.0.1', { ...soon, tls: { certificateAuthorities, ...(shown && { client: shown }) } })
  }

  it('believes a broker whose authority it was given, and is believed', async () => {
    const client = await authority.issue('hub')
    expect(await attempt('127.0.0.1', { tls: { certificateAuthorities, client } })).toBe('made')
  })

  it('believes no broker whose certificate nobody vouches for', async () => {
    expect(await attempt('127.0.0.1', soon)).toMatch(/BusFailure: .*self-signed certificate in certificate chain/)
  })

  it('believes no broker with another name than its certificate', async () => {
    const outcome = await attempt('localhost', { ...soon, tls: { certificateAuthorities } })
    expect(outcome).toMatch(/BusFailure: .*does not match certificate/)
  })

  it('says that the broker does not take its certificate: none, an expired one, one of somebody else', async () => {
    const stranger = await makeAuthority()
    const ours = authority.issue('late', { isExpired: true })
    expect(await showing(undefined)).toMatch(
      /: the broker wants a certificate of ours, and busClientCertificate is not/,
    )
    expect(await showing(ours)).toMatch(/: the broker says that our certificate has expired; it is valid until 20/)
    expect(await showing(stranger.issue('strange'))).toMatch(
      /: the broker does not know the authority of our certificate/,
    )
    await stranger.remove()
  })
}
