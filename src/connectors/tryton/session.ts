import type { ConnectorContext } from '../../contract/connector.ts'
import { callJson, type JsonAnswer } from '../call-json.ts'
import { CallFailed } from './call-failed.ts'
import { type CallKind, failureOf, readResult } from './read-answer.ts'
import { idOf, recordOf, recordsOf, type TheirRecord, textOf } from './wire.ts'

export interface TrytonTarget {
  /** Address of the server without a slash at its end. */
  url: string
  database: string
  user: string
  password: string
}

/** The company of the user, in whose books everything is. */
export interface Company {
  id: number
  currencyId: number
  currency: string
  currencyDigits: number
}

/** Another kind of refusal than an expired session: the user is gone, or has another password. */
const refused = 'Tryton refuses the user name and password'

/**
 * One login for all receipts of a connection. Tryton ends sessions by itself: a call that is answered 401 was not worked on, and
 * is made again once after a new login.
 */
export class Session {
  readonly #target: TrytonTarget
  #authorization: Promise<string> | undefined
  #latest: string | undefined
  #company: Promise<Company> | undefined

  constructor(target: TrytonTarget) {
    this.#target = target
  }

  /** Calls a method in the company's context. Throws `CallFailed`. */
  async call(
    kind: CallKind,
    method: string,
    params: readonly unknown[],
    context: ConnectorContext,
    more: TheirRecord = {},
  ): Promise<unknown> {
    const company = await this.company(context)
    return this.#ask(kind, method, [...params, { company: company.id, ...more }], context)
  }

  /** Records with the fields named; `currency.code` reads through. */
  async search(
    model: string,
    domain: readonly unknown[],
    fields: readonly string[],
    context: ConnectorContext,
    page: { offset?: number; limit?: number; order?: readonly unknown[] } = {},
  ): Promise<TheirRecord[]> {
    const { offset = 0, limit = null, order = null } = page
    const found = await this.call(
      'reads',
      `model.${model}.search_read`,
      [domain, offset, limit, order, fields],
      context,
    )
    return recordsOf(found)
  }

  /** Makes records and answers their ids. */
  async create(model: string, records: readonly TheirRecord[], context: ConnectorContext): Promise<number[]> {
    const ids = await this.call('changes', `model.${model}.create`, [records], context)
    if (Array.isArray(ids) && ids.length === records.length && ids.every(Number.isInteger)) return ids as number[]
    throw new CallFailed({ kind: 'unknown', reason: 'Tryton did not say what it made' })
  }

  /** Read once: a user who is moved to another company needs a restart. */
  company(context: ConnectorContext): Promise<Company> {
    this.#company ??= this.#readCompany(context).catch((error: unknown) => {
      this.#company = undefined
      throw error
    })
    return this.#company
  }

  async #readCompany(context: ConnectorContext): Promise<Company> {
    const fields = ['company', 'company.currency.code', 'company.currency.digits']
    const domain = [['login', '=', this.#target.user]]
    const params = [domain, 0, 1, null, fields, {}]
    const [user] = recordsOf(await this.#ask('reads', 'model.res.user.search_read', params, context))
    const company = recordOf(user?.['company.'])
    const currency = recordOf(company['currency.'])
    if (idOf(company) === 0 || textOf(currency.code) === '') {
      throw new CallFailed({ kind: 'retry', reason: 'the user in Tryton has no company' })
    }
    const { digits } = currency
    return {
      id: idOf(company),
      currencyId: idOf(currency),
      currency: textOf(currency.code),
      currencyDigits: typeof digits === 'number' ? digits : 2,
    }
  }

  async #ask(kind: CallKind, method: string, params: readonly unknown[], context: ConnectorContext): Promise<unknown> {
    try {
      return await this.#askOnce(kind, method, params, context)
    } catch (error) {
      // Two receipts at once may both be the first in a journal's month: the later one is told no, and Tryton has undone its call.
      // A no that is meant comes again.
      const isNo = error instanceof CallFailed && error.outcome.kind === 'rejected' && error.wasUndone
      if (!isNo || kind === 'reads') throw error
      return this.#askOnce(kind, method, params, context)
    }
  }

  async #askOnce(
    kind: CallKind,
    method: string,
    params: readonly unknown[],
    context: ConnectorContext,
  ): Promise<unknown> {
    try {
      const authorization = await this.#logIn(context)
      let answer = await this.#send(method, params, context, authorization)
      if (answer.status === 401) {
        answer = await this.#send(method, params, context, await this.#logIn(context, authorization))
      }
      return readResult(answer, kind, context.now())
    } catch (error) {
      throw failureOf(error, kind)
    }
  }

  /** Receipts that find the session ended at the same time share one new login. */
  #logIn(context: ConnectorContext, ended?: string): Promise<string> {
    if (ended !== undefined && ended === this.#latest) this.#authorization = undefined
    this.#authorization ??= this.#login(context).then(
      (authorization) => {
        this.#latest = authorization
        return authorization
      },
      (error: unknown) => {
        this.#authorization = undefined
        throw error
      },
    )
    return this.#authorization
  }

  async #login(context: ConnectorContext): Promise<string> {
    const { user, password } = this.#target
    const params = [user, { password }, 'en']
    try {
      const answer = await this.#send('common.db.login', params, context)
      if (answer.status === 401 || answer.status === 403) throw new CallFailed({ kind: 'retry', reason: refused })
      const result = readResult(answer, 'reads', context.now())
      if (!Array.isArray(result) || result.length < 2) throw new CallFailed({ kind: 'retry', reason: refused })
      return `Session ${Buffer.from(`${user}:${result[0]}:${result[1]}`).toString('base64')}`
    } catch (error) {
      throw failureOf(error, 'reads')
    }
  }

  #send(
    method: string,
    params: readonly unknown[],
    context: ConnectorContext,
    authorization?: string,
  ): Promise<JsonAnswer> {
    const path = `/${encodeURIComponent(this.#target.database)}/`
    return callJson({ url: this.#target.url }, path, context, {
      method: 'POST',
      body: { id: 1, method, params },
      ...(authorization !== undefined && { headers: { authorization } }),
    })
  }
}
