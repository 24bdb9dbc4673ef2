import { type Bus, BusFailure, type BusMessage } from '../../contract/bus.ts'
import type { Clock } from '../../contract/clock.ts'
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
    await inTime(bus, messages, limits)
  } catch (error) {
    if (isTransient(error)) throw error
    for (const message of messages) await publishOne(bus, message, limits)
  }
}

async function publishOne(bus: Bus, message: BusMessage, limits: PublishLimits): Promise<void> {
  try {
    await inTime(bus, [message], limits)
  } catch (error) {
    if (isTransient(error)) throw error
    await inTime(bus, [toClaimCheck(message)], limits)
    limits.onWithoutData(message)
  }
}

/**
 * A publish that does not end counts as failed; it may be stored all the same, later. Consumers collapse by id, and what follows
 * in a key is published only after a repetition was confirmed, so that the order of what is new to them is kept.
 */
async function inTime(
  bus: Bus,
  messages: readonly BusMessage[],
  { clock, timeoutMs, signal }: PublishLimits,
): Promise<void> {
  const over = new AbortController()
  const tooLate = clock.sleep(timeoutMs, AbortSignal.any([over.signal, signal])).then(() => {
    if (signal.aborted) throw new BusFailure('the lead was over before the broker confirmed', { isTransient: true })
    if (!over.signal.aborted)
      throw new BusFailure(`the broker did not confirm within ${timeoutMs} ms`, { isTransient: true })
  })
  try {
    await Promise.race([bus.publish(messages), tooLate])
  } finally {
    over.abort()
  }
}

function isTransient(error: unknown): boolean {
  return !(error instanceof BusFailure) || error.isTransient
}
