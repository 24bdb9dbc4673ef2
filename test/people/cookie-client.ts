/** An answer, read to its end. */
export interface Answer {
  status: number
  /** Where it was found. */
  url: string
  headers: Headers
  body: string
}

interface Jar {
  host: string
  path: string
  name: string
  value: string
}

const hopsMax = 15

/** As far as a browser goes for a sign-in: keeps cookies by host and path, and follows redirects. It runs nothing and guards nothing. */
export class CookieClient {
  #jar: Jar[] = []
  /** Addresses of the last walk, with the answer's status. */
  walk: { url: string; status: number }[] = []

  /** Cookies that it would send to an address. */
  cookiesFor(url: string): Record<string, string> {
    const { hostname, pathname } = new URL(url)
    const found = this.#jar.filter(({ host, path }) => host === hostname && pathname.startsWith(path))
    return Object.fromEntries(found.map(({ name, value }) => [name, value]))
  }

  /** Puts a cookie of an address in, as somebody who can would. */
  put(url: string, name: string, value: string): void {
    this.#keep(new URL(url).hostname, { path: '/', name, value, isOver: false })
  }

  async get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#walk('GET', url, headers, undefined)
  }

  /** Sends a form as a page of `origin` would. */
  async submit(url: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    const { origin } = new URL(url)
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin, ...headers }
    return this.#walk('POST', url, form, new URLSearchParams(fields).toString())
  }

  /** One request; a redirect is not followed. */
  async once(
    method: string,
    url: string,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Answer & { location: string | undefined }> {
    const cookie = Object.entries(this.cookiesFor(url))
      .map(([name, value]) => `${name}=${value}`)
      .join('; ')
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
      redirect: 'manual',
      ...(body !== undefined && { body }),
    })
    for (const text of answer.headers.getSetCookie()) this.#keep(new URL(url).hostname, readSetCookie(text))
    const location = answer.headers.get('location')
    return {
      ...{ status: answer.status, url, headers: answer.headers, body: await answer.text() },
      location: location === null ? undefined : new URL(location, url).href,
    }
  }

  async #walk(method: string, url: string, headers: Record<string, string>, body: string | undefined): Promise<Answer> {
    this.walk = []
    let answer = await this.once(method, url, headers, body)
    for (let hops = 0; answer.location !== undefined; hops += 1) {
      this.walk.push({ url: answer.url, status: answer.status })
      if (hops >= hopsMax) throw new Error('the redirects have no end')
      answer = await this.once('GET', answer.location)
    }
    this.walk.push({ url: answer.url, status: answer.status })
    return answer
  }

  #keep(host: string, { path, name, value, isOver }: Omit<Jar, 'host'> & { isOver: boolean }): void {
    this.#jar = this.#jar.filter((one) => one.host !== host || one.path !== path || one.name !== name)
    if (!isOver) this.#jar.push({ host, path, name, value })
  }
}

function readSetCookie(text: string): Omit<Jar, 'host'> & { isOver: boolean } {
  const [pair = '', ...attributes] = text.split(';').map((part) => part.trim())
  const attribute = (name: string) =>
    attributes
      .find((one) => one.toLowerCase().startsWith(`${name}=`))
      ?.split('=')
      .slice(1)
      .join('=')
  const [name = '', ...rest] = pair.split('=')
  const expires = attribute('expires')
  const isOver = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now())
  return { name, value: rest.join('='), path: attribute('path') ?? '/', isOver }
}
