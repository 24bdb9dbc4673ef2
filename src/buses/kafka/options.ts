import { isIP } from 'node:net'
import type { BaseOptions } from '@platformatic/kafka'
import type { BusTls } from '../../contract/bus.ts'

/** How to reach a cluster, and what to ask of it. */
export interface KafkaBusOptions {
  /** `host:port` of some of the cluster's brokers. */
  brokers: readonly string[]
  /** The name under which the cluster's logs and quotas know us. */
  clientId?: string
  /** TLS, with nothing of our own where it is `{}`. Undefined: plain TCP. */
  tls?: BusTls
  sasl?: { mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'; username: string; password: string }
  /** What is published is compressed with it, batch by batch. What is read may be compressed with any of them. */
  compression?: 'none' | 'gzip' | 'zstd' | 'lz4' | 'snappy'
  /** Copies of each partition of a topic that is made; undefined: what the cluster does by itself. */
  replicasCount?: number
  /** How long `publish` and `prepareTopics` try again before they fail. */
  retryMaxMs?: number
  /** A consumer that was not heard of for so long is dead, and its partitions go to others. At least the cluster's `group.min.session.timeout.ms`. */
  sessionTimeoutMs?: number
  /**
   * The most bytes of messages that wait in memory for their call, in each consumer, of all its partitions together. A partition that
   * has nothing may fetch 16 KiB more (one message, where that is longer), so that none starves: with 64 partitions 33 MiB in all.
   * Batches are counted as packed while they are fetched.
   */
  prefetchBytesMax?: number
}

export type KafkaSettings = Required<Omit<KafkaBusOptions, 'tls' | 'sasl' | 'replicasCount'>> &
  Pick<KafkaBusOptions, 'tls' | 'sasl' | 'replicasCount'>

export function completeOptions(options: KafkaBusOptions): KafkaSettings {
  return {
    clientId: 'tillflow',
    compression: 'none',
    retryMaxMs: 30_000,
    sessionTimeoutMs: 15_000,
    prefetchBytesMax: 32 * 1_048_576,
    ...options,
  }
}

/** The longest that the broker may wait for its replicas; then it says so. */
const replicasWaitMaxMs = 10_000
const connectTimeoutMs = 5_000
const requestTimeoutMs = 20_000

/** Options of every client. It does not try again by itself: only we know until when, and a consumer must not rejoin in the middle of a commit. */
export function clientOptions(settings: KafkaSettings): BaseOptions {
  const { brokers, clientId, tls, sasl } = settings
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    retries: 0,
    timeout: replicasWaitMaxMs,
    connectTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    ...(tls && {
      tls: {
        ...(tls.certificateAuthorities !== undefined && { ca: tls.certificateAuthorities }),
        ...(tls.client && { cert: tls.client.certificate, key: tls.client.key }),
      },
      // An address is checked against the certificate too, but may not be asked for by name (RFC 6066, section 3).
      tlsServerName: !brokers.some((broker) => isIP(broker.slice(0, broker.lastIndexOf(':')))),
    }),
    ...(sasl && { sasl }),
  }
}
