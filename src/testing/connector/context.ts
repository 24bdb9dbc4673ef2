import type {
  ConnectorContext,
  GuardedFetch,
  HttpRequest,
  RecordedSteps,
  TargetDocument,
} from '../../contract/connector.ts'
import type { Logger } from '../../contract/logger.ts'

export interface SentRequest extends HttpRequest {
  url: string
}

/** What the other side does with one request: answers, or throws as the guarded client throws. */
export type Play = (request: SentRequest) => ReturnType<GuardedFetch>

export interface RecordedContext {
  context: ConnectorContext
  /** Requests that were made, in their order. */
  sent: SentRequest[]
  /** Everything that was logged, as text. */
  logged: string[]
  abort(): void
}

export const nowMs = Date.parse('2026-03-02T10:05:00Z')

/** A context whose other side is a script, and which keeps what was sent and logged. */
export function recordContext(play: Play, changes: Partial<ConnectorContext> = {}): RecordedContext {
  const sent: SentRequest[] = []
  const logged: string[] = []
  const controller = new AbortController()
  const context: ConnectorContext = {
    fetch: async (url, request) => {
      const kept = { ...request, url }
      sent.push(kept)
      return play(kept)
    },
    logger: recordingLogger(logged),
    now: () => nowMs,
    signal: controller.signal,
    attempt: 1,
    idempotencyKey: '0195a3c2-7d1e-7cc3-98c4-dc0c0c07398f',
    steps: rememberSteps(),
    ...changes,
  }
  return { context, sent, logged, abort: () => controller.abort() }
}

/** Steps as delivery keeps them, in memory: what one attempt recorded the next one finds. */
export function rememberSteps(done = new Map<string, TargetDocument>()): RecordedSteps {
  return {
    done,
    record: async (step, document) => {
      done.set(step, document)
    },
  }
}

function recordingLogger(logged: string[]): Logger {
  const keep = (fields: object, message: string) => {
    logged.push(`${message} ${JSON.stringify(fields)}`)
  }
  return { debug: keep, info: keep, warn: keep, error: keep, child: () => recordingLogger(logged) }
}
