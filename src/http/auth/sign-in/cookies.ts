import type { FastifyReply, FastifyRequest } from 'fastify'

/** A cookie of the hub's pages. */
export interface Cookie {
  name: string
  isSecure: boolean
}

/**
 * Over https a cookie has the prefix by which browsers take it from this very host over https only (RFC 6265bis, 4.1.3.2). Over plain
 * http, which only a hub on this machine has, they would not keep such a one.
 */
export function cookieOf(publicUrl: string, name: string): Cookie {
  const isSecure = publicUrl.startsWith('https:')
  return { name: isSecure ? `__Host-${name}` : name, isSecure }
}

/** `SameSite=Lax`: not with a request that another site makes, but when somebody comes by a link, or back from the provider. */
export function setCookie(reply: FastifyReply, { name, isSecure }: Cookie, value: string, maxAgeSeconds: number): void {
  const text = `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  reply.header('set-cookie', text)
}

export function clearCookie(reply: FastifyReply, cookie: Cookie): void {
  setCookie(reply, cookie, '', 0)
}

/** The value of a cookie; undefined: there is none. One that came twice is none: nobody knows which of them is ours. */
export function readCookie({ headers }: Pick<FastifyRequest, 'headers'>, { name }: Cookie): string | undefined {
  const values = (headers.cookie ?? '').split(';').flatMap((pair) => {
    const [key = '', ...rest] = pair.split('=')
    return key.trim() === name ? [rest.join('=').trim()] : []
  })
  return values.length === 1 ? values[0] : undefined
}
