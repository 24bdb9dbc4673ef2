import { errors, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import type { KnownIdentity } from '../../identity/known-identity.ts'
import { type Caller, clientCaller } from './caller.ts'

/** Somebody whose tokens are taken. */
export interface TokenIssuer {
  issuer: string
  audience: string
  /** RFC 9068 is `at+jwt`; providers of before write `JWT`. */
  typ: string
  algorithms: readonly string[]
  requiredClaims: readonly string[]
  keys: JWTVerifyGetKey
  /** Undefined: the claims do not make a caller. */
  toCaller(claims: JWTPayload): Caller | undefined
  /** Whether a token that was good is not any more, for another reason than its end. */
  isWithdrawn(token: { clientId: string; kid: string }): boolean
  /** False: something could have been withdrawn unseen, and nobody is let in. */
  isCurrent(): boolean
}

/** Our own authorization server: its keys are in memory, and its tokens say all that there is to know of the caller. */
export function ownIssuer(options: { issuer: string; audience: string; known: KnownIdentity }): TokenIssuer {
  const { issuer, audience, known } = options
  const find = (kid: string | undefined) => known.keys().find((key) => key.kid === kid)
  return {
    issuer,
    audience,
    typ: 'at+jwt',
    algorithms: ['ES256'],
    requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id', 'scope', 'client_kind'],
    keys: async ({ kid }) => {
      const key = find(kid)
      if (!key) throw new errors.JWKSNoMatchingKey()
      return key.publicKey
    },
    toCaller: callerOfOwn,
    isWithdrawn: ({ clientId, kid }) => known.isRevoked(clientId) || find(kid) === undefined,
    isCurrent: () => known.isCurrent(),
  }
}

/** What a token of our own server says, as the server writes it (`claimsOf`). */
function callerOfOwn(claims: JWTPayload): Caller | undefined {
  const { client_id, client_kind, stores, workstation_id, scope } = claims
  if (typeof client_id !== 'string' || (client_kind !== 'till' && client_kind !== 'machine')) return undefined
  const known = stores === undefined ? undefined : textsOf(stores)
  if (stores !== undefined && !known) return undefined
  if (client_kind === 'till' && (!known || typeof workstation_id !== 'string')) return undefined
  return clientCaller({
    id: client_id,
    actor: `${client_kind}:${client_id}`,
    scopes: String(scope).split(' '),
    stores: known,
    workstationId: typeof workstation_id === 'string' ? workstation_id : undefined,
  })
}

/** An issuer of the settings: another authorization server, in whose hands are tills, machines or people. */
export interface TrustedIssuer {
  /** A short name of ours for it. */
  name: string
  issuer: string
  audience: string
  jwksUri?: string
  typ: 'at+jwt' | 'JWT'
  /** The claim with what the caller may do: a text with blanks, or a list. */
  scopesClaim: string
  /** Our scopes for their words; undefined: their words are ours. */
  scopes?: Readonly<Record<string, readonly string[]>>
  /** The claim with the stores; undefined: every store. */
  storesClaim?: string
  allowPrivateNetwork: boolean
}

const nameLengthMax = 200

export function externalIssuer(trusted: TrustedIssuer, keys: JWTVerifyGetKey): TokenIssuer {
  const { issuer, audience, typ } = trusted
  return {
    issuer,
    audience,
    typ,
    algorithms: ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA'],
    requiredClaims: ['exp', 'iat', 'sub'],
    keys,
    toCaller: (claims) => callerOfExternal(trusted, claims),
    isWithdrawn: () => false,
    // Their tokens are as good as their end is near: nobody tells us of a revocation.
    isCurrent: () => true,
  }
}

function callerOfExternal(trusted: TrustedIssuer, claims: JWTPayload): Caller | undefined {
  const { name, scopesClaim, scopes: words, storesClaim } = trusted
  const given = textsOf(claims[scopesClaim]) ?? []
  const granted = words ? given.flatMap((word) => (Object.hasOwn(words, word) ? (words[word] ?? []) : [])) : given
  const stores = storesClaim === undefined ? undefined : (textsOf(claims[storesClaim]) ?? [])
  // Who is named by the issuer is unique there only.
  const id = `${name}:${String(claims.sub).replace(/[^\x21-\x7e]/g, '_')}`.slice(0, nameLengthMax)
  return clientCaller({ id, actor: `issuer:${id}`, scopes: granted, stores })
}

/** A list of texts, or a text with blanks in between. */
function textsOf(value: unknown): string[] | undefined {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
}
