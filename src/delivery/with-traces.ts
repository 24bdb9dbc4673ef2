import type { Connection, ConnectorContext, DeliveryEvent, GuardedFetch } from '../contract/connector.ts'
import { attributes } from '../contract/span-attributes.ts'
import { formatTraceparent, parseTraceparent, type TraceContext } from '../contract/trace-context.ts'
import type { Span, SpanAttributes, SpanOptions, Tracer } from '../contract/tracer.ts'
import type { Settlement } from './store.ts'
import type { Target } from './target.ts'

/**
 * Puts every attempt into a trace and hands the trace on in the requests of the connector. The first attempt is a child of
 * the record. A later one or one of a replay, hours or days after it perhaps, begins a trace of its own that is linked with the record: no viewer
 * shows a trace of days. Where nothing is recorded, every attempt carries on the trace of the receipt.
 */
export function targetWithTraces(target: Target, tracer: Tracer): Target {
  const { connection } = target
  const { postTransaction, findPosting } = connection
  const traced: Connection = Object.create(connection, {
    ...(postTransaction && {
      postTransaction: {
        value: (event: DeliveryEvent, context: ConnectorContext) =>
          attempt(tracer, `deliver ${target.name}`, target, event, context, async (inner, span) => {
            const outcome = await postTransaction.call(connection, event, inner)
            span.set({ [attributes.outcome]: outcome.kind })
            return { result: outcome, failure: failures.has(outcome.kind) ? outcome.kind : undefined }
          }),
      },
    }),
    ...(findPosting && {
      findPosting: {
        value: (event: DeliveryEvent, context: ConnectorContext) =>
          attempt(tracer, `look up ${target.name}`, target, event, context, async (inner) => ({
            result: await findPosting.call(connection, event, inner),
          })),
      },
    }),
  })
  return { ...target, connection: traced }
}

/** Outcomes in which the receipt did not arrive. */
const failures: ReadonlySet<string> = new Set(['retry', 'rejected', 'gone', 'unknown'])

async function attempt<Result>(
  tracer: Tracer,
  name: string,
  target: Target,
  event: DeliveryEvent,
  context: ConnectorContext,
  work: (context: ConnectorContext, span: Span) => Promise<{ result: Result; failure?: string | undefined }>,
): Promise<Result> {
  const recorded = parseTraceparent(event.traceparent ?? '')
  const span = tracer.startSpan(name, {
    kind: 'consumer',
    ...placeOf(recorded, context.attempt > 1 || context.replayId !== undefined),
    ...(tracer.isRecording && {
      attributes: {
        ...describe(target, event),
        [attributes.attempt]: context.attempt,
        ...(context.replayId !== undefined && { [attributes.replayId]: context.replayId }),
      },
    }),
  })
  const onAbort = () => span.end('timeout')
  if (tracer.isRecording) context.signal.addEventListener('abort', onAbort, { once: true })
  try {
    const { result, failure } = await work({ ...context, fetch: fetchWithTraces(tracer, span, context) }, span)
    span.end(failure)
    return result
  } catch (error) {
    span.end('connector-failed')
    throw error
  } finally {
    if (tracer.isRecording) context.signal.removeEventListener('abort', onAbort)
  }
}

function placeOf(recorded: TraceContext | undefined, later: boolean): Pick<SpanOptions, 'parent' | 'links'> {
  if (!recorded) return {}
  return later ? { links: [recorded] } : { parent: recorded }
}

function describe(target: Target, { eventId, type, transaction }: DeliveryEvent): SpanAttributes {
  return {
    [attributes.messagingSystem]: 'tillflow',
    [attributes.messagingDestination]: 'journal',
    [attributes.messagingOperation]: 'deliver',
    [attributes.messagingOperationType]: 'process',
    [attributes.consumerGroup]: target.name,
    [attributes.messageId]: eventId,
    [attributes.eventType]: type,
    [attributes.connector]: target.connectorName,
    [attributes.store]: transaction.businessUnitId,
    [attributes.businessDate]: transaction.businessDayDate,
  }
}

/**
 * The requests of one attempt, each a step of its own whose context goes along in `traceparent`. Of the address only host and
 * port are recorded: the path of a webhook is often its secret.
 */
function fetchWithTraces(tracer: Tracer, parent: Span, { fetch, attempt }: ConnectorContext): GuardedFetch {
  return async (url, request) => {
    const span = tracer.isRecording
      ? tracer.startSpan(request.method, {
          kind: 'client',
          parent: parent.context,
          attributes: describeRequest(url, request.method, attempt),
        })
      : parent
    const headers = { ...request.headers, traceparent: formatTraceparent(span.context) }
    if (span === parent) return fetch(url, { ...request, headers })
    try {
      const answer = await fetch(url, { ...request, headers })
      span.set({ [attributes.statusCode]: answer.status })
      span.end(answer.status >= 400 ? String(answer.status) : undefined)
      return answer
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      span.end(typeof code === 'string' ? code : 'request-failed')
      throw error
    }
  }
}

function describeRequest(url: string, method: string, attempt: number): SpanAttributes {
  const { protocol, hostname, port } = URL.canParse(url) ? new URL(url) : { protocol: ':', hostname: '', port: '' }
  return {
    [attributes.requestMethod]: method,
    [attributes.urlScheme]: protocol.slice(0, -1),
    [attributes.serverAddress]: hostname,
    [attributes.serverPort]: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    ...(attempt > 1 && { [attributes.resendCount]: attempt - 1 }),
  }
}

/** Records that an event was parked, whether an attempt came before or not; linked with the record, since it may be days later. */
export function traceParking(tracer: Tracer, target: Target, { event, transition, attempts }: Settlement): void {
  if (!tracer.isRecording || !(transition.state === 'parked' || transition.state === 'needs-check')) return
  const recorded = parseTraceparent(event.traceparent ?? '')
  const span = tracer.startSpan(`park ${target.name}`, {
    kind: 'internal',
    links: recorded ? [recorded] : [],
    attributes: {
      [attributes.consumerGroup]: target.name,
      [attributes.messageId]: event.eventId,
      [attributes.connector]: target.connectorName,
      [attributes.attempt]: attempts,
      [attributes.parkedReason]: transition.reasonCode,
    },
  })
  span.end(transition.reasonCode)
}
