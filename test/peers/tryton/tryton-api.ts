/**
 * Tryton's JSON-RPC as its manual describes it, for setting a company up and for asking Tryton what it has. It shares nothing
 * with the connector, so that the two cannot be wrong in the same way.
 */
export interface TrytonApi {
  call(method: string, ...params: unknown[]): Promise<unknown>
  searchRead(model: string, domain: unknown[], fields: string[]): Promise<Record<string, unknown>[]>
  create(model: string, ...records: object[]): Promise<number[]>
  /** Added to the context of every call from now on. */
  context: Record<string, unknown>
}

export interface TrytonAddress {
  /** Of the server, without a slash at its end. */
  url: string
  database: string
  user: string
  password: string
}

/** Logs in; throws with Tryton's words when it does not answer with a result. */
export async function openTrytonApi({ url, database, user, password }: TrytonAddress): Promise<TrytonApi> {
  const ask = async (method: string, params: unknown[], headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${url}/${database}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ id: 1, method, params }),
    })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${method}: HTTP ${answer.status} ${text.slice(0, 300)}`)
    const { result, error } = JSON.parse(text) as { result?: unknown; error?: unknown }
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error).slice(0, 1_000)}`)
    return result
  }
  const [userId, session] = (await ask('common.db.login', [user, { password }, 'en'], {})) as [number, string]
  const authorization = `Session ${Buffer.from(`${user}:${userId}:${session}`).toString('base64')}`
  const api: TrytonApi = {
    context: {},
    call: (method, ...params) => ask(method, [...params, api.context], { authorization }),
    searchRead: async (model, domain, fields) =>
      (await api.call(`model.${model}.search_read`, domain, 0, null, null, fields)) as Record<string, unknown>[],
    create: async (model, ...records) => (await api.call(`model.${model}.create`, records)) as number[],
  }
  return api
}

export function decimalOf(value: unknown): string {
  return (value as { decimal: string }).decimal
}

export function toDecimal(text: string): object {
  return { __class__: 'Decimal', decimal: text }
}

export function toDate(text: string): object {
  const [year, month, day] = text.split('-').map(Number)
  return { __class__: 'date', year, month, day }
}
