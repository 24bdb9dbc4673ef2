import { type Dispatcher, errors } from 'undici'
import type { HttpAnswer, HttpRequest } from '../contract/connector.ts'
import { Problem } from '../contract/problem.ts'
import { TransportFailure } from '../contract/transport-failure.ts'

export interface ExchangeLimits {
  /** For everything: waiting for a connection, sending, and the last byte of the answer. */
  timeoutMs: number
  answerMaxBytes: number
  headersMax: number
}

/**
 * Sends one request and reads its answer. Undici's `dispatch` and not its `request`, since only there it can be seen whether
 * the request had left when something failed: a resend is only safe before that.
 */
export function exchange(
  dispatcher: Dispatcher,
  target: URL,
  request: HttpRequest,
  limits: ExchangeLimits,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let sent = false
    let settled = false
    let controller: Dispatcher.DispatchController | undefined
    let status = 0
    let headers: Record<string, string> = {}
    const chunks: Uint8Array[] = []
    let receivedBytes = 0

    const settle = (end: () => void) => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', onAbort)
      end()
    }
    const fail = (error: Error) => {
      settle(() => reject(error))
      controller?.abort(error)
    }
    const failWith = (code: string, cause?: unknown) =>
      fail(new TransportFailure(sent ? 'after-sending' : 'before-sending', code, { cause }))
    const answer = (truncated: boolean) =>
      settle(() =>
        resolve({ status, headers, body: decodeBody(chunks, headers), ...(truncated && { truncated: true as const }) }),
      )
    const onAbort = () => failWith('aborted')
    const timer = setTimeout(() => failWith('timeout'), limits.timeoutMs)

    if (request.signal?.aborted) return failWith('aborted')
    request.signal?.addEventListener('abort', onAbort, { once: true })

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started
        if (settled) started.abort(new errors.RequestAbortedError())
        else sent = true
      },
      onResponseStart(_, statusCode, received) {
        if (settled || statusCode < 200) return
        if (Object.keys(received).length > limits.headersMax) return fail(tooLarge())
        status = statusCode
        headers = flattenHeaders(received)
      },
      onResponseData(started, chunk) {
        if (settled) return
        const room = limits.answerMaxBytes - receivedBytes
        receivedBytes += chunk.length
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
        if (chunk.length <= room) return
        answer(true)
        started.abort(new errors.RequestAbortedError())
      },
      onResponseEnd() {
        answer(false)
      },
      onResponseError(_, error) {
        if (settled) return
        if (error instanceof Problem || error instanceof TransportFailure) return fail(error)
        if (error instanceof errors.HeadersOverflowError) return fail(tooLarge())
        failWith((error as NodeJS.ErrnoException).code ?? 'network', error)
      },
    }
    const path = `${target.pathname}${target.search}`
    const method = request.method as Dispatcher.HttpMethod
    try {
      dispatcher.dispatch(
        {
          path,
          method,
          // A gzip bomb stays as small as it came: nothing is asked for compressed, and nothing is decompressed.
          headers: { ...request.headers, 'accept-encoding': 'identity' },
          body: request.body ?? null,
        },
        handler,
      )
    } catch (error) {
      failWith('request', error)
    }
  })
}

function tooLarge(): Problem {
  return new Problem('target-answer-too-large', 'The headers of the answer are larger than allowed.')
}

function flattenHeaders(received: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(received)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}

/** A compressed body, though none was asked for, is not text. */
function decodeBody(chunks: readonly Uint8Array[], headers: Record<string, string>): string {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') return ''
  return Buffer.concat(chunks).toString('utf8')
}
