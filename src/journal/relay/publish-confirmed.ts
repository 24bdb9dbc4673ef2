import { type Bus, BusFailure, type BusMessage } from '../../contract/bus.ts'
import type { Clock } from '../../contract/clock.ts'
import { inTime } from './in-time.ts'
import { toClaimCheck } from './message.ts'

export interface PublishLimits {
  clock: Clock
  timeoutMs: number
  /** Nobody waits for a confirmation any more. */
  signal: AbortSignal
  onWithoutData(message: BusMessage): void
}

/**
 * Publishes messages as the broker takes them, and resolves when all are confirmed. What the broker refuses for good is found by
 * publishing one after the other; the one it is goes without its data. Rejects with what the broker says otherwise.
 */
export async function publishConfirmed(
  bus: Bus,
  messages: readonly BusMessage[],
  limits: PublishLimits,
): Promise<void> {
  try {
    await publishInTime(bus, messages, limits)
  } catch (error) {
    if (isTransient(error)) throw error
    for (const message of messages) await publishOne(bus, message, limits)
  }
}

async function publishOne(bus: Bus, message: BusMessage, limits: PublishLimits): Promise<void> {
  try {
    await publishInTime(bus, [message], limits)
  } catch (error) {
    if (isTransient(error)) throw error
    await publishInTime(bus, [toClaimCheck(message)], limits)
    limits.onWithoutData(message)
  }
}

/**
 * A publish that does not end counts as failed; it may be stored all the same, later. Consumers collapse by id, and what follows
 * in a key is published only after a repetition was confirmed, so that the order of what is new to them is kept.
 */
function publishInTime(bus: Bus, messages: readonly BusMessage[], limits: PublishLimits): Promise<void> {
  return inTime(bus.publish(messages), limits)
}

function isTransient(error: unknown): boolean {
  return !(error instanceof BusFailure) || error.isTransient
}
