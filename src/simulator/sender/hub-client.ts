import type { Pool } from 'undici'
import { type Clock, systemClock } from '../../contract/clock.ts'
import { bearerToken, type Credentials } from '../../contract/credentials.ts'
import { Problem, type ProblemCode, problemCodes } from '../../contract/problem.ts'

export interface HubClientOptions {
  pool: Pool
  /** An API token, or what makes headers of its own for each request. */
  token: string | Credentials
  signal: AbortSignal
  clock?: Clock
  /** Longest time without any answer before a hub that was there is given up. */
  patienceMs?: number
  /** The same for one that never answered: most likely nobody is there. */
  firstPatienceMs?: number
}

export interface HubReply {
  status: number
  text: string
}

const backoffBaseMs = 100
const backoffMaxMs = 5_000
const answerTimeoutMs = 60_000

/** Speaks to a hub as a till does: it sends until it is answered, waits when it is told to, and never takes silence for a yes. */
export class HubClient {
  readonly #options: HubClientOptions
  readonly #clock: Clock
  retries = 0
  #answeredAtMs: number
  #heard = false
  readonly #credentials: Credentials

  constructor(options: HubClientOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    const { token } = options
    this.#credentials = typeof token === 'string' ? bearerToken(token) : token
    this.#answeredAtMs = this.#clock.now()
  }

  /** Resolves with an answer that is final, or undefined when the run was stopped. Throws Problem for a token or address that is wrong. */
  async post(path: string, contentType: string, body: string): Promise<HubReply | undefined> {
    const { signal } = this.#options
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const reply = await this.#try(path, contentType, body)
      if (reply && !('retryAfterMs' in reply)) return reply
      if (reply) this.#hear()
      else this.#giveUpInTime()
      this.retries += 1
      const backoffMs = Math.min(backoffMaxMs, backoffBaseMs * 2 ** Math.min(attempt, 10))
      await this.#clock.sleep(Math.max(reply?.retryAfterMs ?? 0, backoffMs), signal)
    }
    return undefined
  }

  /** Before something is sent again that was answered with a wait. */
  async pause(): Promise<void> {
    this.retries += 1
    await this.#clock.sleep(1_000, this.#options.signal)
  }

  #hear(): void {
    this.#heard = true
    this.#answeredAtMs = this.#clock.now()
  }

  #giveUpInTime(): void {
    const { patienceMs = 120_000, firstPatienceMs = 5_000 } = this.#options
    const silentMs = this.#clock.now() - this.#answeredAtMs
    if (silentMs <= (this.#heard ? patienceMs : firstPatienceMs)) return
    throw new Problem('hub-not-running', `The hub has not answered for ${Math.round(silentMs / 1_000)} seconds.`)
  }

  /** One request. Undefined: no answer came. */
  async #try(
    path: string,
    contentType: string,
    body: string,
  ): Promise<HubReply | { retryAfterMs: number } | undefined> {
    const { pool } = this.#options
    try {
      const own = await this.#credentials.headersFor('POST', path)
      const {
        statusCode,
        headers,
        body: answer,
      } = await pool.request({
        method: 'POST',
        path,
        headers: { ...own, 'content-type': contentType, accept: 'application/x-ndjson' },
        body,
        headersTimeout: answerTimeoutMs,
        bodyTimeout: answerTimeoutMs,
      })
      const text = await answer.text()
      // What was missing is there now.
      if (this.#credentials.learn(statusCode, headers)) return { retryAfterMs: 0 }
      if (isTemporary(statusCode)) return { retryAfterMs: 1_000 * (Number(headers['retry-after']) || 0) }
      this.#hear()
      if (statusCode === 401 || statusCode === 403 || statusCode === 404) throw problemIn(text, statusCode)
      return { status: statusCode, text }
    } catch (error) {
      if (error instanceof Problem && !isTemporary(error.status)) throw error
      return undefined
    }
  }
}

export function isTemporary(status: number): boolean {
  return status >= 500 || status === 429 || status === 408
}

/** What the hub says is wrong, in the words of our own list. */
function problemIn(text: string, status: number): Problem {
  const fallback: ProblemCode = status === 404 ? 'not-found' : 'unauthorized'
  try {
    const { code = '', detail } = JSON.parse(text) as { code?: string; detail?: string }
    return new Problem(Object.hasOwn(problemCodes, code) ? (code as ProblemCode) : fallback, detail)
  } catch {
    return new Problem(fallback)
  }
}
