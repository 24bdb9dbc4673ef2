import { createHash, createPublicKey } from 'node:crypto'
import { Problem } from '../contract/problem.ts'

/** A public key as RFC 7517 writes it, with nothing but what names it. */
export type PublicJwk = { kty: string } & { [Field in Exclude<(typeof publicFields)[number], 'kty'>]?: string }

const publicFields = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'] as const
const privateFields = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
const curves = ['P-256', 'P-384', 'P-521', 'Ed25519']
const textLengthMax = 2_048
const keysMax = 8

/** An ES256 key and nothing else, as a till must have it. Throws Problem `request-invalid`. */
export function readEs256Jwk(value: unknown): PublicJwk {
  const jwk = readPublicJwk(value)
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256')
    throw new Problem('request-invalid', 'The key of a till must be EC P-256 (ES256).')
  return jwk
}

/**
 * The keys of a JWK Set, or one JWK. Throws Problem `request-invalid` for what is no public signing key: a private part has no
 * business with us, and a symmetric key would let everybody who can check a signature make one.
 */
export function readJwkSet(value: unknown): { keys: PublicJwk[] } {
  const list = isObject(value) && Array.isArray(value.keys) ? value.keys : [value]
  if (list.length === 0 || list.length > keysMax)
    throw new Problem('request-invalid', `A key set has 1 to ${keysMax} keys.`)
  return { keys: list.map(readPublicJwk) }
}

function readPublicJwk(value: unknown): PublicJwk {
  if (!isObject(value)) throw new Problem('request-invalid', 'A key must be a JWK.')
  if (privateFields.some((field) => field in value))
    throw new Problem(
      'request-invalid',
      'A key has its private part in it: make a new one, and send the public part only.',
    )
  const kept: { [field: string]: string } = {}
  for (const field of publicFields) {
    const text = value[field]
    if (text === undefined) continue
    if (typeof text !== 'string' || text.length > textLengthMax)
      throw new Problem('request-invalid', `The field ${field} of a key must be a short text.`)
    kept[field] = text
  }
  const jwk: PublicJwk = { ...kept, kty: kept.kty ?? '' }
  const isKnown = jwk.kty === 'RSA' || ((jwk.kty === 'EC' || jwk.kty === 'OKP') && curves.includes(jwk.crv ?? ''))
  if (!isKnown || (jwk.use ?? 'sig') !== 'sig')
    throw new Problem('request-invalid', 'A key must be for signatures: EC, RSA or Ed25519.')
  refuseWeak(jwk)
  return jwk
}

function refuseWeak(jwk: PublicJwk): void {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk, format: 'jwk' })
    if ((asymmetricKeyDetails?.modulusLength ?? 4_096) >= 2_048) return
  } catch (error) {
    throw new Problem('request-invalid', 'A key is not one: its point or number does not exist.', { cause: error })
  }
  throw new Problem('request-invalid', 'An RSA key must have 2,048 bits or more.')
}

/** RFC 7638 of an EC key: what `cnf.jkt` of a token says. */
export function thumbprintOf({ crv, x, y }: Pick<PublicJwk, 'crv' | 'x' | 'y'>): string {
  return createHash('sha256').update(`{"crv":"${crv}","kty":"EC","x":"${x}","y":"${y}"}`).digest('base64url')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
