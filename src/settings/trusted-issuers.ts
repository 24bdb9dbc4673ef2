import { Problem } from '../contract/problem.ts'
import type { Settings } from './load-settings.ts'

/** An entry of `trustedIssuers`. */
export interface TrustedIssuerSettings {
  name: string
  issuer: string
  audience: string
  jwksUri?: string
  typ: 'at+jwt' | 'JWT'
  scopesClaim: string
  scopes?: Record<string, string[]>
  storesClaim?: string
  allowPrivateNetwork: boolean
}

export const trustedIssuerFields: Record<keyof TrustedIssuerSettings, string> = {
  name: 'Small letters, digits and hyphens; it stands in the log of acts. Needed.',
  issuer: '`iss` of its tokens, letter by letter. Needed.',
  audience: '`aud` that its tokens have for this hub. Needed.',
  jwksUri: 'Where its keys are; default: as its metadata say.',
  typ: '`at+jwt` (RFC 9068) or `JWT`, for providers that do not know better; default: `at+jwt`.',
  scopesClaim: 'The claim with what the caller may do, a text with blanks or a list; default: `scope`.',
  scopes: 'Their words and the scopes of ours that each means; default: their words are ours.',
  storesClaim: 'The claim with the stores that the caller may speak for; without it every store.',
  allowPrivateNetwork: 'true: it may have a private or loopback address, and plain http; default: false.',
}

/** The issuers of the settings, checked. Throws Problem `settings-invalid` with the place, never a value. */
export function trustedIssuers(settings: Settings): TrustedIssuerSettings[] {
  const seen = new Set<unknown>()
  return settings.trustedIssuers.map((entry, index) => {
    const fail = (what: string) => new Problem('settings-invalid', `trustedIssuers[${index}] ${what}.`)
    const unknown = Object.keys(entry).find((field) => !Object.hasOwn(trustedIssuerFields, field))
    if (unknown !== undefined) throw fail(`has no field ${unknown}`)
    const { name, issuer, audience, jwksUri, typ = 'at+jwt', scopesClaim = 'scope', scopes, storesClaim } = entry
    const { allowPrivateNetwork = false } = entry
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
      throw fail('needs a name of small letters, digits and hyphens')
    if (!isUrl(issuer)) throw fail('needs issuer as a URL')
    if (typeof audience !== 'string' || audience === '') throw fail('needs an audience')
    if (jwksUri !== undefined && !isUrl(jwksUri)) throw fail('needs jwksUri as a URL')
    if (typ !== 'at+jwt' && typ !== 'JWT') throw fail('needs typ as at+jwt or JWT')
    if (typeof scopesClaim !== 'string') throw fail('needs scopesClaim as text')
    if (storesClaim !== undefined && typeof storesClaim !== 'string') throw fail('needs storesClaim as text')
    if (scopes !== undefined && !isScopes(scopes)) throw fail('needs scopes as an object of lists')
    if (typeof allowPrivateNetwork !== 'boolean') throw fail('needs allowPrivateNetwork as true or false')
    if (seen.has(issuer) || seen.has(name)) throw fail('has the name or the issuer of another one')
    seen.add(issuer).add(name)
    return {
      ...{ name, issuer, audience, typ, scopesClaim, allowPrivateNetwork },
      ...(jwksUri !== undefined && { jwksUri }),
      ...(scopes !== undefined && { scopes }),
      ...(storesClaim !== undefined && { storesClaim }),
    }
  })
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
}

function isScopes(value: unknown): value is Record<string, string[]> {
  const isList = (one: unknown) => Array.isArray(one) && one.every((word) => typeof word === 'string')
  return value !== null && typeof value === 'object' && !Array.isArray(value) && Object.values(value).every(isList)
}
