import { randomUUID } from 'node:crypto'
import type { Pool } from 'undici'
import type { Clock } from '../../contract/clock.ts'
import { Problem, type ProblemCode, problemCodes } from '../../contract/problem.ts'
import type { CorrectedClock } from './corrected-clock.ts'
import type { TillKey } from './till-key.ts'

export interface Connection {
  /** To the hub, or to what stands before it. */
  pool: Pool
  clock?: Clock
}

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

const answerTimeoutMs = 30_000

/** A proof of possession for one request. */
export function makeProof(
  key: TillKey,
  clock: CorrectedClock,
  { method, url, nonce, hash }: { method: string; url: string; nonce: string | undefined; hash?: string },
): string {
  const iat = Math.floor(clock.now() / 1_000)
  const claims = { jti: randomUUID(), htm: method, htu: url, iat, ...(nonce && { nonce }), ...(hash && { ath: hash }) }
  return key.signJwt({ typ: 'dpop+jwt', jwk: key.publicJwk }, claims)
}

export async function send(pool: Pool, path: string, headers: Record<string, string>, body: string): Promise<Reply> {
  const timeouts = { headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs }
  const answer = await pool.request({ method: 'POST', path, headers, body, ...timeouts })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

export function nonceOf({ headers }: Pick<Reply, 'headers'>): string | undefined {
  const nonce = headers['dpop-nonce']
  return typeof nonce === 'string' ? nonce : undefined
}

/** What went wrong, in a word: the hub's `code`, the authorization server's `error`. */
export function wordOf({ text }: Reply): string | undefined {
  try {
    const { code, error } = JSON.parse(text) as { code?: string; error?: string }
    return code ?? error
  } catch {
    return undefined
  }
}

/** The hub's own words; the authorization server says in words of OAuth that a client is not, or is no longer, known. */
export function problemOf(reply: Reply): Problem {
  const code = wordOf(reply) ?? ''
  if (Object.hasOwn(problemCodes, code)) return new Problem(code as ProblemCode)
  if (reply.status >= 500) return new Problem('temporary-reduced-capacity')
  return new Problem('unauthorized', 'The hub gives this till no token: it was revoked, or enrolled anew elsewhere.')
}
