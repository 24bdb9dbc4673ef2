import { createHash } from 'node:crypto'
import { systemClock } from '../../contract/clock.ts'
import { CorrectedClock } from './corrected-clock.ts'
import { type Connection, makeProof, nonceOf, type Reply, send, wordOf } from './hub-exchange.ts'
import type { TillKey } from './till-key.ts'

/** The first answer brings a nonce; once more in case that it came at the turn of a minute. */
const attemptsMax = 3

/** Requests of a till that the hub does not know yet, each with a proof of the key that it wants to be known by. */
export class SignedExchange {
  readonly #publicUrl: string
  readonly #key: TillKey
  readonly #connection: Connection
  readonly #clock: CorrectedClock
  nonce: string | undefined

  constructor(publicUrl: string, key: TillKey, connection: Connection) {
    this.#publicUrl = publicUrl
    this.#key = key
    this.#connection = connection
    this.#clock = new CorrectedClock(connection.clock ?? systemClock)
  }

  async postJson(path: string, body: object, token?: string): Promise<Reply> {
    return this.#post(path, { 'content-type': 'application/json' }, JSON.stringify(body), token)
  }

  async postForm(path: string, form: Record<string, string>): Promise<Reply> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.#post(path, type, new URLSearchParams(form).toString())
  }

  async #post(path: string, headers: Record<string, string>, body: string, token?: string): Promise<Reply> {
    const hash = token === undefined ? {} : { hash: createHash('sha256').update(token).digest('base64url') }
    const authorization = token === undefined ? {} : { authorization: `DPoP ${token}` }
    for (let attempt = 1; ; attempt += 1) {
      const demand = { method: 'POST', url: `${this.#publicUrl}${path}`, nonce: this.nonce, ...hash }
      const dpop = makeProof(this.#key, this.#clock, demand)
      const reply = await send(this.#connection.pool, path, { ...headers, ...authorization, dpop }, body)
      this.nonce = nonceOf(reply) ?? this.nonce
      const isWorthIt = ['use-dpop-nonce', 'use_dpop_nonce'].includes(wordOf(reply) ?? '') && attempt < attemptsMax
      if (!isWorthIt) return reply
    }
  }
}
