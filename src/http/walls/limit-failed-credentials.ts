import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../../contract/clock.ts'
import { findCallerOf } from '../auth/authorize.ts'
import { refuse } from './limit-callers.ts'
import { TokenBuckets } from './token-buckets.ts'

const addressesMax = 50_000
const knownMax = 50_000
/** Credentials that were good so lately are looked at, whatever their address did meanwhile. */
const knownForMs = 3_600_000

/**
 * Refuses an address for a while that comes with wrong credentials again and again (429). Whoever came with good ones before is let
 * through: behind one address may be a whole shop, or a proxy that nobody named. Returns the hook that must stand after authorization.
 */
export function limitFailedCredentials(app: FastifyInstance, failuresPerMinute: number, clock: Clock): () => void {
  if (failuresPerMinute === 0) return () => {}
  const options = { ratePerSecond: failuresPerMinute / 60, burst: failuresPerMinute, keysMax: addressesMax }
  const failures = new TokenBuckets(options)
  const known = new Map<string, number>()
  app.addHook('onRequest', async (request, reply) => {
    // What asks for no credentials, as for a probe, has none to guess.
    const { operation } = request.routeOptions.config
    if (!operation?.access.length && !operation?.takesCredentials) return
    const taken = failures.look(placeOf(request.ip), clock.now())
    if (taken.allowed) return
    const credentials = hashCredentials(request)
    if (credentials !== undefined && (known.get(credentials) ?? 0) > clock.now()) return
    refuse(reply, taken)
  })
  // Answers of the authorization server too, which no earlier hook sees.
  app.addHook('onResponse', async (request, reply) => {
    // The first half of a handshake is no failure: it brings the nonce for the second.
    const bringsNonce = reply.hasHeader('dpop-nonce') || reply.raw.hasHeader('dpop-nonce')
    if (reply.raw.statusCode === 401 && !bringsNonce) failures.take(placeOf(request.ip), clock.now())
  })
  return () =>
    app.addHook('onRequest', async (request) => {
      const credentials = findCallerOf(request) && hashCredentials(request)
      if (credentials === undefined) return
      if (known.size >= knownMax && !known.has(credentials)) known.clear()
      known.set(credentials, clock.now() + knownForMs)
    })
}

/** The text itself is not kept. */
function hashCredentials({ headers: { authorization, cookie } }: FastifyRequest): string | undefined {
  const text = authorization ?? cookie
  return text === undefined ? undefined : createHash('sha256').update(text).digest('base64')
}

/** An address, of IPv6 its network: a single machine has all 2^64 of them. */
export function placeOf(address = ''): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [left = '', right] = plain.split('::')
  const before = left === '' ? [] : left.split(':')
  const after = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
