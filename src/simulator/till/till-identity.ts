import { createHash, randomUUID } from 'node:crypto'
import type { Pool } from 'undici'
import { type Clock, systemClock } from '../../contract/clock.ts'
import type { Credentials } from '../../contract/credentials.ts'
import { Problem, type ProblemCode, problemCodes } from '../../contract/problem.ts'
import { CorrectedClock } from './corrected-clock.ts'
import { TillKey } from './till-key.ts'

/** What a till keeps of its enrolment, beside its key. */
export interface Registration {
  clientId: string
  issuer: string
  tokenEndpoint: string
  /** What the hub is called from outside: proofs are made for it. */
  audience: string
}

interface Connection {
  /** To the hub, or to what stands before it. */
  pool: Pool
  clock?: Clock
}

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** One for a wrong clock, one for a nonce, and one in case that both came at the turn of a minute. */
const attemptsMax = 5
const assertionLifeSeconds = 60
/** A token is renewed before it ends. */
const renewAt = 0.8
const answerTimeoutMs = 30_000

/**
 * A till as the hub knows it: it enrols with a one-time code, asks for tokens by a key of its own and signs each request (RFC 7523, RFC
 * 9449). Its clock may be wrong: it takes the time from the hub's answers.
 */
export class TillIdentity implements Credentials {
  readonly #pool: Pool
  readonly #key: TillKey
  readonly #clock: CorrectedClock
  readonly registration: Registration
  #nonce: string | undefined
  #token: { text: string; hash: string; renewAtMs: number } | undefined
  #asking: Promise<void> | undefined
  /** In a row. */
  #refusals = 0

  constructor(registration: Registration, key: TillKey, { pool, clock = systemClock }: Connection, nonce?: string) {
    this.registration = registration
    this.#key = key
    this.#pool = pool
    this.#clock = new CorrectedClock(clock)
    this.#nonce = nonce
  }

  /** Makes a key and enrols it. Throws Problem `enrolment-code-invalid`. */
  static async enrol(
    place: { publicUrl: string; businessUnitId: string; workstationId: string; code: string },
    connection: Connection,
  ): Promise<TillIdentity> {
    const { publicUrl, ...body } = place
    const key = TillKey.generate()
    const clock = new CorrectedClock(connection.clock ?? systemClock)
    let nonce: string | undefined
    for (let attempt = 1; ; attempt += 1) {
      const dpop = makeProof(key, clock, { method: 'POST', url: `${publicUrl}/v1/tills`, nonce })
      const reply = await send(
        connection.pool,
        '/v1/tills',
        { 'content-type': 'application/json', dpop },
        JSON.stringify(body),
      )
      nonce = nonceOf(reply) ?? nonce
      if (reply.status === 201) return new TillIdentity(JSON.parse(reply.text) as Registration, key, connection, nonce)
      const isWorthIt = reply.status === 401 && codeOf(reply) === 'use-dpop-nonce' && attempt < attemptsMax
      if (!isWorthIt) throw problemOf(reply)
    }
  }

  /** With its key: for the till's own safe place. */
  toJSON(): object {
    return { ...this.registration, privateJwk: this.#key.toPrivateJwk() }
  }

  async headersFor(method: string, path: string): Promise<Record<string, string>> {
    const { text, hash } = await this.#tokenNow()
    const url = `${this.registration.audience}${path}`
    const dpop = makeProof(this.#key, this.#clock, { method, url, nonce: this.#nonce, hash })
    return { authorization: `DPoP ${text}`, dpop }
  }

  learn(status: number, headers: Reply['headers']): boolean {
    this.#nonce = nonceOf({ headers }) ?? this.#nonce
    this.#clock.learn(headers.date)
    this.#refusals = status === 401 ? this.#refusals + 1 : 0
    if (status !== 401 || this.#refusals > attemptsMax) return false
    const challenge = String(headers['www-authenticate'])
    // A token that is not good any more is not shown again; whether there is another one, the hub says.
    if (challenge.includes('invalid_token')) this.#token = undefined
    return /use_dpop_nonce|invalid_token/.test(challenge)
  }

  async #tokenNow(): Promise<{ text: string; hash: string }> {
    if (!this.#token || this.#token.renewAtMs <= this.#clock.now()) {
      // Requests side by side share one.
      this.#asking ??= this.#askForToken().finally(() => {
        this.#asking = undefined
      })
      await this.#asking
    }
    if (!this.#token) throw new Problem('unauthorized')
    return this.#token
  }

  async #askForToken(): Promise<void> {
    const { pathname } = new URL(this.registration.tokenEndpoint)
    for (let attempt = 1; ; attempt += 1) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', dpop: this.#proofForToken() }
      const reply = await send(this.#pool, pathname, headers, this.#tokenRequest())
      const isNewNonce = nonceOf(reply) !== undefined && nonceOf(reply) !== this.#nonce
      this.#nonce = nonceOf(reply) ?? this.#nonce
      const isNewTime = this.#clock.learn(reply.headers.date)
      if (reply.status === 200) return this.#keepToken(reply)
      if (!(isNewNonce || isNewTime) || attempt >= attemptsMax) throw problemOf(reply)
    }
  }

  #keepToken({ text }: Reply): void {
    const { access_token: token, expires_in: lifeSeconds } = JSON.parse(text) as {
      access_token: string
      expires_in: number
    }
    const hash = createHash('sha256').update(token).digest('base64url')
    this.#token = { text: token, hash, renewAtMs: this.#clock.now() + lifeSeconds * 1_000 * renewAt }
  }

  #proofForToken(): string {
    const { tokenEndpoint: url } = this.registration
    return makeProof(this.#key, this.#clock, { method: 'POST', url, nonce: this.#nonce })
  }

  #tokenRequest(): string {
    const { clientId, issuer, audience } = this.registration
    const seconds = Math.floor(this.#clock.now() / 1_000)
    const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID() }
    return new URLSearchParams({
      grant_type: 'client_credentials',
      resource: audience,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: this.#key.signJwt({}, { ...claims, iat: seconds, exp: seconds + assertionLifeSeconds }),
    }).toString()
  }
}

/** A proof of possession for one request. */
function makeProof(
  key: TillKey,
  clock: CorrectedClock,
  { method, url, nonce, hash }: { method: string; url: string; nonce: string | undefined; hash?: string },
): string {
  const iat = Math.floor(clock.now() / 1_000)
  const claims = { jti: randomUUID(), htm: method, htu: url, iat, ...(nonce && { nonce }), ...(hash && { ath: hash }) }
  return key.signJwt({ typ: 'dpop+jwt', jwk: key.publicJwk }, claims)
}

async function send(pool: Pool, path: string, headers: Record<string, string>, body: string): Promise<Reply> {
  const timeouts = { headersTimeout: answerTimeoutMs, bodyTimeout: answerTimeoutMs }
  const answer = await pool.request({ method: 'POST', path, headers, body, ...timeouts })
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
}

function nonceOf({ headers }: Pick<Reply, 'headers'>): string | undefined {
  const nonce = headers['dpop-nonce']
  return typeof nonce === 'string' ? nonce : undefined
}

function codeOf({ text }: Reply): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code
  } catch {
    return undefined
  }
}

/** The hub's own words; the authorization server says in words of OAuth that a client is not, or is no longer, known. */
function problemOf(reply: Reply): Problem {
  const code = codeOf(reply) ?? ''
  if (Object.hasOwn(problemCodes, code)) return new Problem(code as ProblemCode)
  if (reply.status >= 500) return new Problem('temporary-reduced-capacity')
  return new Problem('unauthorized', 'The hub gives this till no token: it was revoked, or enrolled anew elsewhere.')
}
