import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import type { Clock } from '../../contract/clock.ts'
import type { GuardedFetch } from '../../contract/connector.ts'
import { Problem } from '../../contract/problem.ts'

/** Whatever anybody sends, their keys are asked for at most so often. */
const coolDownMs = 30_000
/** Keys are asked for again after so long, so that one that was withdrawn is not taken for ever. */
const ageMaxMs = 600_000
/** Without an answer for so long their keys are not believed any more. */
const believedMs = 3_600_000

export interface RemoteKeysOptions {
  issuer: string
  /** Undefined: as the issuer's own metadata say. */
  jwksUri?: string
  fetch: GuardedFetch
  clock: Clock
}

/**
 * Keys of an issuer that is not ours. An id that is not known has them fetched again, once in 30 seconds; a key in use while the issuer is
 * away stays good for an hour. Throws Problem `temporary-reduced-capacity` where there are none at all: the client is to come again.
 */
export function remoteKeys({ issuer, jwksUri, fetch, clock }: RemoteKeysOptions): JWTVerifyGetKey {
  let keys: JWTVerifyGetKey | undefined
  let readAtMs = Number.NEGATIVE_INFINITY
  let askedAtMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  const ask = async () => {
    const set = (await getJson(fetch, jwksUri ?? (await findJwksUri(fetch, issuer)))) as unknown as JSONWebKeySet
    keys = createLocalJWKSet(set)
    readAtMs = clock.now()
  }
  const refresh = (): Promise<void> => {
    if (asking) return asking
    if (clock.now() - askedAtMs < coolDownMs) return Promise.resolve()
    askedAtMs = clock.now()
    asking = ask()
      // What is known serves on; where nothing is, that is told below.
      .catch(() => {})
      .finally(() => {
        asking = undefined
      })
    return asking
  }
  return async (header, token) => {
    if (!keys || clock.now() - readAtMs > ageMaxMs) await refresh()
    if (!keys || clock.now() - readAtMs > believedMs)
      throw new Problem('temporary-reduced-capacity', 'The keys of the issuer of this token cannot be read now.')
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await refresh()
      return keys(header, token)
    }
  }
}

/** OpenID Connect Discovery, or RFC 8414 where the issuer has only that. */
async function findJwksUri(fetch: GuardedFetch, issuer: string): Promise<string> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
  for (const place of places) {
    const metadata = await getJson(fetch, place).catch(() => undefined)
    // Metadata that somebody else wrote name another issuer.
    if (metadata?.issuer === issuer && typeof metadata.jwks_uri === 'string') return metadata.jwks_uri
  }
  throw new Error('the issuer does not say where its keys are')
}

async function getJson(fetch: GuardedFetch, url: string): Promise<Record<string, unknown>> {
  const { status, body, truncated } = await fetch(url, { method: 'GET', headers: { accept: 'application/json' } })
  if (status !== 200 || truncated) throw new Error(`the issuer answered ${status}`)
  return JSON.parse(body) as Record<string, unknown>
}
