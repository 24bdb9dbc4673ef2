import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Faults } from './faults.ts'

/** What a route answers. */
export interface Answer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

const bodyMaxBytes = 16 * 1024 * 1024

/** The whole body, or undefined when it is larger than a back office takes. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyMaxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export function sendAnswer(response: ServerResponse, { status, body, headers }: Answer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const contentType = typeof body === 'string' ? 'application/x-ndjson' : 'application/json'
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(text), ...headers })
  response.end(text)
}

/**
 * Plays what is to go wrong before anything is done, `broken` included for the kinds that come instead of an effect. True:
 * the exchange is over.
 */
export async function playFaultBefore(
  response: ServerResponse,
  faults: Faults,
  roll: (rate: number) => boolean,
): Promise<boolean> {
  if (faults.latencyMs > 0) await sleep(faults.latencyMs)
  if (roll(faults.hangRate)) return true
  if (roll(faults.resetRate)) {
    response.socket?.resetAndDestroy()
    return true
  }
  if (roll(faults.errorRate)) {
    const headers = faults.retryAfterSeconds > 0 ? { 'retry-after': String(faults.retryAfterSeconds) } : {}
    sendAnswer(response, {
      status: faults.errorStatus,
      body: { error: { code: 'unavailable', message: 'Not now.' } },
      headers,
    })
    return true
  }
  if (faults.brokenAnswer === 'error-body' && roll(faults.brokenRate)) {
    sendAnswer(response, {
      status: 200,
      body: { error: { code: 'session-expired', message: 'Your session has expired.' } },
    })
    return true
  }
  if (faults.brokenAnswer === 'html' && roll(faults.brokenRate)) {
    const page = '<!doctype html><title>Log in</title><form method="post"></form>'
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': page.length }).end(page)
    return true
  }
  return false
}

/** Plays what is to go wrong with the answer once the effect is there. True: the exchange is over. */
export function playFaultAfter(
  response: ServerResponse,
  answer: Answer,
  faults: Faults,
  roll: (rate: number) => boolean,
): boolean {
  if (roll(faults.answerLostRate)) {
    response.socket?.resetAndDestroy()
    return true
  }
  if (faults.brokenAnswer === 'no-content' && roll(faults.brokenRate)) {
    response.writeHead(204).end()
    return true
  }
  if (faults.brokenAnswer === 'truncated' && roll(faults.brokenRate)) {
    const text = JSON.stringify(answer.body)
    const half = text.slice(0, Math.floor(text.length / 2))
    response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': half.length }).end(half)
    return true
  }
  return false
}
