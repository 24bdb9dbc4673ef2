import { createHash, randomUUID } from 'node:crypto'
import type { Pool } from 'undici'
import { systemClock } from '../../contract/clock.ts'
import type { Credentials } from '../../contract/credentials.ts'
import { Problem } from '../../contract/problem.ts'
import { CorrectedClock } from './corrected-clock.ts'
import { type DeviceEnrolment, waitForApproval } from './device-enrolment.ts'
import { type Connection, makeProof, nonceOf, problemOf, type Reply, send } from './hub-exchange.ts'
import { SignedExchange } from './signed-exchange.ts'
import { TillKey } from './till-key.ts'

/** What a till keeps of its enrolment, beside its key. */
export interface Registration {
  clientId: string
  /** What the hub calls it: its receipts name this store and workstation. */
  businessUnitId: string
  workstationId: string
  issuer: string
  tokenEndpoint: string
  /** What the hub is called from outside: proofs are made for it. */
  audience: string
}

/** One for a wrong clock, one for a nonce, and one in case that both came at the turn of a minute. */
const attemptsMax = 5
const assertionLifeSeconds = 60
/** A token is renewed before it ends. */
const renewAt = 0.8

/**
 * A till as the hub knows it: it enrols with a one-time code or the approval of a manager, asks for tokens by a key of its own and signs each request (RFC 7523, RFC
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
    return register(new SignedExchange(publicUrl, key, connection), key, connection, { body })
  }

  /** Makes a key, shows a code, and enrols when somebody has said which till it is. Throws Problem `enrolment-code-invalid`. */
  static async enrolByApproval(
    { publicUrl, ...enrolment }: DeviceEnrolment & { publicUrl: string },
    connection: Connection,
  ): Promise<TillIdentity> {
    const key = TillKey.generate()
    const exchange = new SignedExchange(publicUrl, key, connection)
    const token = await waitForApproval(exchange, enrolment)
    return register(exchange, key, connection, { body: {}, token })
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

async function register(
  exchange: SignedExchange,
  key: TillKey,
  connection: Connection,
  { body, token }: { body: object; token?: string },
): Promise<TillIdentity> {
  const reply = await exchange.postJson('/v1/tills', body, token)
  if (reply.status !== 201) throw problemOf(reply)
  return new TillIdentity(JSON.parse(reply.text) as Registration, key, connection, exchange.nonce)
}
