import type { Clock } from '../../contract/clock.ts'
import type { Connection, DeliveryEvent } from '../../contract/connector.ts'
import type { Logger } from '../../contract/logger.ts'
import { traitsOf } from '../../journal/event-traits.ts'
import { deliveryEventOf } from '../attempt.ts'
import type { Settlement } from '../store.ts'
import { compareDocuments } from './compare-documents.ts'
import { addDifferences, emptyTally, type ShadowResult, type ShadowTally } from './tally.ts'

export interface ShadowOptions {
  live: Connection
  shadow: Connection
  clock: Clock
  logger: Logger
  /** Adds what was found to what is written down already. */
  write(tally: ShadowTally): Promise<void>
  onCompared?(result: ShadowResult): void
}

/** A translation that runs beside the live one. */
export interface Shadow {
  /** Takes an event that was settled; never waits and never throws. */
  note(settlement: Settlement): void
  /** Compares and writes what is left. */
  stop(): Promise<void>
}

/** Settled events that wait to be compared; beyond it they are dropped and counted. */
const queueMax = 1_000
/** Between two of them delivery has its turn. */
const pauseMs = 5
const perTurn = 5
const writeEveryMs = 1_000
/** A translation that is not there by then has failed. */
const translationMaxMs = 2_000
/** What is still in the queue so long after the end is not compared. */
const farewellMaxMs = 5_000

/**
 * Translates what was delivered a second time, by another connector or other settings, and compares. It works in small pieces
 * between the cycles of delivery, behind a queue that drops what it cannot hold, and sends nothing: it has no way out.
 */
export function startShadow({ live, shadow, clock, logger, write, onCompared }: ShadowOptions): Shadow {
  const queue: Settlement[] = []
  const stopped = new AbortController()
  let tally = emptyTally()
  let writtenAt = clock.now()

  const count = (result: ShadowResult) => {
    tally.counts[result] += 1
    onCompared?.(result)
  }
  // A translation may be asynchronous; a promise that is compared as it is would be the same as any other.
  const translate = (connection: Connection, event: DeliveryEvent) =>
    inTime(async () => connection.preview?.(event), translationMaxMs, clock)
  const compare = async ({ event }: Settlement) => {
    const ours = deliveryEventOf(event)
    try {
      const [sent, translated] = await Promise.all([translate(live, ours), translate(shadow, ours)])
      const differences = compareDocuments(sent, translated)
      count(differences.length === 0 ? 'same' : 'different')
      addDifferences(tally, event, differences)
    } catch (error) {
      count('failed')
      tally.failure = (error instanceof Error ? error.message : 'unknown error').replaceAll('\0', '').slice(0, 500)
    }
  }
  const flush = async () => {
    writtenAt = clock.now()
    if (Object.values(tally.counts).every((number) => number === 0)) return
    const found = tally
    tally = emptyTally()
    // What cannot be written is lost: a comparison is not worth memory without end.
    await write(found).catch((error: unknown) => logger.warn({ error: String(error) }, 'a shadow could not be written'))
  }
  const run = async () => {
    while (!stopped.signal.aborted) {
      for (const one of queue.splice(0, perTurn)) await compare(one)
      if (clock.now() - writtenAt >= writeEveryMs) await flush()
      await clock.sleep(queue.length > 0 ? pauseMs : writeEveryMs / 4, stopped.signal)
    }
    const farewellAt = clock.now() + farewellMaxMs
    for (const one of queue.splice(0)) {
      if (clock.now() < farewellAt) await compare(one)
      else count('dropped')
    }
    await flush()
  }
  const running = run()
  return {
    note: (settlement) => {
      if (!isCompared(settlement)) return
      if (queue.length < queueMax) queue.push(settlement)
      else count('dropped')
    },
    stop: () => {
      stopped.abort()
      return running
    },
  }
}

/** What a work answers, or an error when it takes longer. */
async function inTime<Answer>(work: () => Promise<Answer>, maxMs: number, clock: Clock): Promise<Answer> {
  const over = new AbortController()
  const late = clock.sleep(maxMs, over.signal).then(() => {
    throw new Error(`the translation took longer than ${maxMs} ms`)
  })
  try {
    return await Promise.race([work(), late])
  } finally {
    over.abort()
    late.catch(() => {})
  }
}

/** An event that had its attempt and has come to an end, good or bad; once each, not at every retry. */
function isCompared({ event, transition, attempt }: Settlement): boolean {
  const isOver = ['delivered', 'skipped', 'parked', 'needs-check'].includes(transition.state)
  return isOver && attempt !== undefined && traitsOf(event.eventType)?.kind === 'flow'
}
