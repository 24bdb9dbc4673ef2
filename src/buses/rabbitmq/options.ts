import type { BusFailure, BusTls } from '../../contract/bus.ts'

export interface RabbitMqOptions {
  /** `amqp://` or `amqps://` with user, password and, as its path, the virtual host. */
  url: string
  /** For an `amqps://` broker. */
  tls?: BusTls
  /** What the broker's management shows this process as. */
  connectionName?: string
  /** How often a message is given out again after its consumer died, before it goes to the dead letters. Fixed when a queue is made. */
  deliveryLimit?: number
  /** What becomes of a message that no queue wants: `refuse` fails the publishing, `drop` lets the broker forget it. */
  unroutable?: 'refuse' | 'drop'
  /** With `drop`: a message of this topic had no queue. Told once for each topic. */
  onUnroutable?(topic: string): void
  /** The longest that one attempt waits for a connection. */
  connectTimeoutMs?: number
  /** The longest that publishing waits for the confirmation of all messages of a call. */
  publishTimeoutMs?: number
  /** Something is wrong with the connection for publishing and it is made anew; for logs. */
  onTrouble?(failure: BusFailure): void
  /** The broker is short of memory or disk and takes no messages, for this reason; undefined: it takes them again. */
  onBlocked?(reason: string | undefined): void
}

/**
 * A delivery is counted when a consumer dies or the broker restarts, for every message that waited in its memory, and when a call
 * takes longer than the broker's `consumer_timeout` (30 minutes). So the limit is far above RabbitMQ 4's default of 20: it is for
 * messages that kill whoever reads them, not for a day on which the database is away.
 */
export const defaults = {
  connectionName: 'tillflow',
  deliveryLimit: 200,
  unroutable: 'refuse',
  connectTimeoutMs: 10_000,
  publishTimeoutMs: 30_000,
} as const

/** Waits between attempts of a connection, of a subscription, and of a call that was refused. */
export const retryDelayMinMs = 200
export const retryDelayMaxMs = 5_000

export function retryDelayMs(attempt: number): number {
  return Math.min(retryDelayMinMs * 2 ** Math.min(attempt - 1, 10), retryDelayMaxMs)
}
