interface Cookie {
  value: string
  path: string
  attributes: string
}

interface Answer {
  status: number
  headers: Headers
  text: string
  /** Where it sends the browser on. */
  location: string
}

/** A browser as far as signing in needs one: it keeps cookies, sends them where they belong, and says where a form was. */
export class Browser {
  readonly #origin: string
  readonly cookies = new Map<string, Cookie>()

  constructor(origin: string) {
    this.#origin = origin
  }

  get(address: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#send('GET', address, { accept: 'text/html,*/*;q=0.8', ...headers })
  }

  submit(address: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    const type = { 'content-type': 'application/x-www-form-urlencoded', origin: this.#origin }
    return this.#send('POST', address, { ...type, ...headers }, new URLSearchParams(fields).toString())
  }

  async #send(method: string, address: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const url = new URL(address, this.#origin)
    const mine = [...this.cookies].filter(([, { path }]) => url.pathname.startsWith(path))
    const cookie = mine.map(([name, { value }]) => `${name}=${value}`).join('; ')
    const init = { method, headers: { ...headers, ...(cookie && { cookie }) }, redirect: 'manual' as const }
    const answer = await fetch(url, { ...init, ...(body !== undefined && { body }) })
    for (const line of answer.headers.getSetCookie()) this.#keep(line)
    const location = answer.headers.get('location') ?? ''
    return { status: answer.status, headers: answer.headers, text: await answer.text(), location }
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; */)
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? '/'
    const isOver = attributes.some((one) => /^expires=Thu, 01 Jan 1970/i.test(one))
    if (isOver) this.cookies.delete(name)
    else this.cookies.set(name, { value, path, attributes: attributes.join('; ').toLowerCase() })
  }
}
