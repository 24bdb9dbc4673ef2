import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../../contract/problem.ts'

/** RFC 9110 asks for 8,000 octets at least. */
const urlBytesMax = 8_192
const headersMax = 100

/** What our addresses are made of (RFC 3986 unreserved). Nothing in them needs an escape, so none is undone. */
const plainPath = /^(\/[A-Za-z0-9._~-]*)+$/
const dotSegment = /\/\.\.?(\/|$)/

/**
 * Refuses requests that no client of ours makes, before anybody looks at who calls: an address that means one thing to a proxy
 * and another to us, and one that is longer than any we have.
 */
export function refuseStrangeRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    const { url = '' } = request.raw
    if (url.length > urlBytesMax) throw new Problem('url-too-long')
    if (request.raw.rawHeaders.length > headersMax * 2) throw new Problem('headers-too-large')
    // RFC 9112, 3.2: proxies differ in which of them they go by. Node.js takes the first.
    if (isTwice(request.raw.rawHeaders, 'host')) throw new Problem('request-malformed', 'The header Host came twice.')
    // Kept apart, so that a method nobody takes is 405 even where the address is strange: `OPTIONS *`.
    if (request.method === 'TRACE' || url === '*') return
    const [path = ''] = url.split('?')
    if (!plainPath.test(path) || dotSegment.test(path)) throw new Problem('request-malformed', strangeAddress)
  })
}

/** Names and values in turn, as they came. */
function isTwice(rawHeaders: readonly string[], name: string): boolean {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length > 1
}

const strangeAddress = 'The path of the address has an escape, a dot segment or a character that no address here has.'

/**
 * Refuses other names than the ones the hub is known by: a page that has its own name point here (DNS rebinding), or a request
 * meant for another. What a probe asks by the number of a machine is open to all.
 */
export function refuseUnknownHosts(app: FastifyInstance, hosts: readonly string[]): void {
  if (hosts.length === 0) return
  const known = new Set(hosts.map((host) => host.toLowerCase()))
  app.addHook('onRequest', async (request) => {
    if (!isProbe(request) && !known.has(request.host.toLowerCase()) && !known.has(request.hostname.toLowerCase()))
      throw new Problem('host-unknown')
  })
}

function isProbe({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url === '/livez' || routeOptions.url === '/readyz'
}
