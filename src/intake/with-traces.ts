import { attributes } from '../contract/span-attributes.ts'
import { formatTraceparent, parseTraceparent, type TraceContext } from '../contract/trace-context.ts'
import type { Span, SpanAttributes, Tracer } from '../contract/tracer.ts'
import type { Answer } from './answer.ts'
import type { Intake, Upload } from './intake.ts'
import type { IntakeStore, ReceiptRecord } from './record.ts'

/** The journal as OpenTelemetry's conventions see it: a queue that receipts are sent to, and delivery takes them from. */
const toTheJournal = {
  [attributes.messagingSystem]: 'tillflow',
  [attributes.messagingDestination]: 'journal',
  [attributes.messagingOperation]: 'record',
  [attributes.messagingOperationType]: 'send',
}

/** A commit is linked with so many of its receipts. */
const linksMax = 128

/** Records the way of every upload into the journal. The event carries the span on, so deliveries become its children. */
export function intakeWithTraces(intake: Intake, tracer: Tracer): Intake {
  if (!tracer.isRecording) return intake
  return {
    record: async (upload) => {
      const span = tracer.startSpan('record receipt', {
        kind: 'producer',
        parent: parseTraceparent(upload.traceparent ?? ''),
        attributes: { ...toTheJournal, ...describe(upload) },
      })
      try {
        const answer = await intake.record({ ...upload, traceparent: formatTraceparent(span.context) })
        span.set(describeAnswer(answer))
        span.end()
        return answer
      } catch (error) {
        span.end(failureOf(error))
        throw error
      }
    },
    recordAll: (uploads) => recordAll(intake, tracer, uploads),
    close: () => intake.close(),
  }
}

/** Uploads that arrive together are one step of the document that brought them: ten thousand lines make no ten thousand spans. */
async function recordAll(intake: Intake, tracer: Tracer, uploads: readonly Upload[]): Promise<(Answer | Error)[]> {
  const spans = new Map<string | undefined, Span>()
  const countOf = (traceparent: string | undefined) => uploads.filter((one) => one.traceparent === traceparent).length
  const carried = uploads.map((upload) => {
    const { traceparent, source } = upload
    const known = spans.get(traceparent)
    const span =
      known ??
      tracer.startSpan('record receipts', {
        kind: 'producer',
        parent: parseTraceparent(traceparent ?? ''),
        attributes: {
          ...toTheJournal,
          [attributes.source]: source,
          [attributes.messageCount]: countOf(traceparent),
        },
      })
    if (!known) spans.set(traceparent, span)
    return { ...upload, traceparent: formatTraceparent(span.context) }
  })
  const answers = await intake.recordAll(carried)
  for (const span of spans.values()) span.end()
  return answers
}

/**
 * Records the one statement that commits a group with its events. It has a place in the trace of one receipt only and is
 * linked with those of the others.
 */
export function intakeStoreWithTraces(store: IntakeStore, tracer: Tracer): IntakeStore {
  if (!tracer.isRecording) return store
  return {
    ...store,
    insertReceipts: async (receipts) => {
      const [parent, ...links] = sampledContexts(receipts)
      if (!parent) return store.insertReceipts(receipts)
      const span = tracer.startSpan('append journal', {
        kind: 'client',
        parent,
        links,
        attributes: {
          [attributes.databaseSystem]: 'postgresql',
          [attributes.databaseOperation]: 'INSERT',
          [attributes.databaseCollection]: 'journal_events',
          [attributes.messageCount]: receipts.length,
        },
      })
      try {
        const recorded = await store.insertReceipts(receipts)
        span.end()
        return recorded
      } catch (error) {
        span.end(failureOf(error))
        throw error
      }
    },
  }
}

function sampledContexts(receipts: readonly ReceiptRecord[]): TraceContext[] {
  const traceparents = new Set(receipts.flatMap(({ traceparent }) => traceparent ?? []))
  return [...traceparents]
    .filter((traceparent) => traceparent.endsWith('1'))
    .slice(0, linksMax)
    .flatMap((traceparent) => parseTraceparent(traceparent) ?? [])
}

function describe({ source, result }: Upload): SpanAttributes {
  if (result.kind !== 'transaction') return { [attributes.source]: source }
  const { businessUnitId, workstationId, businessDayDate, transactionType } = result.transaction
  return {
    [attributes.source]: source,
    [attributes.store]: businessUnitId,
    ...(workstationId !== undefined && { [attributes.register]: workstationId }),
    [attributes.businessDate]: businessDayDate,
    [attributes.transactionType]: transactionType,
  }
}

function describeAnswer(answer: Answer): SpanAttributes {
  return {
    [attributes.intakeOutcome]: answer.kind,
    ...('transactionId' in answer && { [attributes.messageId]: answer.transactionId }),
  }
}

/** A code where there is one: what an error says may hold what a client sent. */
function failureOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'internal-error'
}
