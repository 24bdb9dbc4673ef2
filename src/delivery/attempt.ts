import type {
  ConnectorContext,
  DeliveryEvent,
  ErasureEvent,
  Outcome,
  RecordedSteps,
  StateEvent,
  TargetDocument,
} from '../contract/connector.ts'
import { TransportFailure } from '../contract/transport-failure.ts'
import type { ErasedData, JournalEvent, RecordedData, StateData } from '../journal/event.ts'
import { traitsOf } from '../journal/event-traits.ts'
import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'
import type { ReplayMark } from './store.ts'
import type { Target, WorkerTools } from './target.ts'

/** How an event reaches its target: sent, or first looked for because an earlier attempt may have left something. */
export type AttemptKind = 'send' | 'look-up'

export interface AttemptResult {
  outcome: Outcome
  durationMs: number
  requestsCount: number
  /** The target's headers said that nothing more is taken for so long. */
  exhaustedForMs: number
}

export function deliveryEventOf(event: JournalEvent): DeliveryEvent {
  return { ...envelopeOf(event), transaction: (event.data as RecordedData).transaction }
}

function stateEventOf(event: JournalEvent): StateEvent {
  return { ...envelopeOf(event), state: (event.data as StateData).state }
}

function erasureEventOf(event: JournalEvent): ErasureEvent {
  const { kind, reference, transactionKeys, transactionsCount } = event.data as ErasedData
  return { ...envelopeOf(event), kind, reference, transactionKeys, transactionsCount }
}

function envelopeOf(event: JournalEvent): Omit<DeliveryEvent, 'transaction'> {
  return {
    eventId: event.eventId,
    type: event.eventType,
    subject: event.subject,
    orderingKey: event.orderingKey,
    recordedAt: event.recordedAt.toISOString(),
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
  }
}

/** The event's own id; sent again on purpose it has the number of that, so that the target takes it for something new. */
export function idempotencyKeyOf(
  event: Pick<JournalEvent, 'eventId'>,
  replay?: Pick<ReplayMark, 'generation'>,
): string {
  return replay && replay.generation > 0 ? `${event.eventId}-${replay.generation}` : event.eventId
}

/** Makes one attempt in bounded time. Never throws: a connector that throws, or does not come back, has an outcome too. */
export async function makeAttempt(
  target: Target,
  tools: WorkerTools,
  event: JournalEvent,
  attempt: number,
  kind: AttemptKind,
  openSteps: () => Promise<RecordedSteps>,
  replay?: ReplayMark,
): Promise<AttemptResult> {
  const startedAt = tools.clock.now()
  const deadline = startedAt + target.policy.attemptTimeoutMs
  const controller = new AbortController()
  let [requestsCount, exhaustedForMs] = [0, 0]
  const end = (outcome: Outcome) => ({
    outcome: 'reason' in outcome ? { ...outcome, reason: maskCardNumbers(outcome.reason).text } : outcome,
    durationMs: tools.clock.now() - startedAt,
    requestsCount,
    exhaustedForMs,
  })
  const base: Omit<ConnectorContext, 'steps'> = {
    fetch: async (url, request) => {
      if (tools.clock.now() >= deadline) throw attemptOver()
      requestsCount += 1
      const answer = await target.fetch(url, request)
      exhaustedForMs = Math.max(exhaustedForMs, answer.exhaustedForMs ?? 0)
      return answer
    },
    logger: tools.logger,
    now: () => tools.clock.now(),
    signal: controller.signal,
    attempt,
    idempotencyKey: idempotencyKeyOf(event, replay),
    ...(replay && { replayId: replay.replayId }),
  }
  let isOver = false
  const timeout = tools.clock.sleep(target.policy.attemptTimeoutMs, controller.signal).then((): Outcome => {
    if (!isOver) controller.abort()
    return { kind: 'unknown', reason: `no answer within ${target.policy.attemptTimeoutMs} ms` }
  })
  try {
    const work = openSteps().then((steps) => run(target, event, { ...base, steps }, kind, replay))
    return end(await Promise.race([work, timeout]))
  } catch (error) {
    // A connector must return an outcome. What it threw may have happened after the target had taken the event.
    const reason = `the connector failed: ${error instanceof Error ? error.message : 'unknown error'}`
    return end({ kind: 'unknown', reason: reason.slice(0, 500) })
  } finally {
    // Ends the timeout, and what the connector may have left on the line. This is every attempt's way out: with a reason of our
    // own no exception with a stack is made.
    isOver = true
    controller.abort('over')
  }
}

/**
 * A process that slept in the middle of an attempt of several requests may wake when its leases are somebody else's: it must not
 * send the next one, whichever of its timers comes first.
 */
function attemptOver(): TransportFailure {
  return new TransportFailure('before-sending', 'attempt-over')
}

async function run(
  target: Target,
  journalEvent: JournalEvent,
  context: ConnectorContext,
  kind: AttemptKind,
  replay: ReplayMark | undefined,
): Promise<Outcome> {
  const { connection } = target
  if (traitsOf(journalEvent.eventType)?.kind === 'state') {
    // Nothing is looked for: setting a state again has no second effect.
    if (!connection.postState) return { kind: 'skipped', reason: 'the connector takes no states' }
    return connection.postState(stateEventOf(journalEvent), context)
  }
  if (traitsOf(journalEvent.eventType)?.kind === 'erasure') {
    if (!connection.eraseCustomer) return { kind: 'skipped', reason: 'the connector erases no customers' }
    return connection.eraseCustomer(erasureEventOf(journalEvent), context)
  }
  const event = deliveryEventOf(journalEvent)
  if (kind === 'look-up' && connection.findPosting) {
    const documents = withoutSuperseded(await connection.findPosting(event, context), replay?.superseded)
    if (documents) return { kind: 'delivered', documents }
  }
  if (!connection.postTransaction) return { kind: 'skipped', reason: 'the connector takes no transactions' }
  return connection.postTransaction(event, context)
}

/** What a look-up found, without documents of earlier generations; undefined where nothing else is there. */
export function withoutSuperseded(
  documents: TargetDocument[] | undefined,
  superseded: readonly string[] = [],
): TargetDocument[] | undefined {
  if (!documents || superseded.length === 0) return documents
  const present = documents.filter(({ kind, documentId }) => !superseded.includes(`${kind}/${documentId}`))
  return present.length > 0 ? present : undefined
}
