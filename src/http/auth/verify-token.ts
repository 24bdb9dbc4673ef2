import { createHash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose'
import { Problem } from '../../contract/problem.ts'
import type { Caller } from './caller.ts'
import type { TokenIssuer } from './token-issuers.ts'

const tokenLengthMax = 12_000
const clockToleranceSeconds = 5
/** A token brings no keys and no rules of its own: what it says about them is what a forger would say. */
const forbiddenHeaders = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64', 'zip', 'enc']

/** A token that was found good, until it ends. */
export interface VerifiedToken {
  caller: Caller
  issuer: TokenIssuer
  clientId: string
  kid: string
  expiresAtMs: number
  /** SHA-256 in base64url, as a proof names the token: `ath`. */
  hash: string
  /** Thumbprint of the key that it is bound to. */
  jkt?: string
  /** SHA-256 of the client certificate that it is bound to. */
  x5t?: string
}

/** Throws Problem `invalid-token`, whatever is wrong with it: who forges one learns nothing from the answer. */
export async function verifyToken(
  token: string,
  issuers: readonly TokenIssuer[],
  nowMs: number,
): Promise<VerifiedToken> {
  if (token.length > tokenLengthMax) throw new Problem('invalid-token')
  try {
    const header = decodeProtectedHeader(token)
    if (forbiddenHeaders.some((name) => name in header) || typeof header.kid !== 'string')
      throw new Problem('invalid-token')
    const { iss } = decodeJwt(token)
    const issuer = issuers.find((one) => one.issuer === iss)
    if (!issuer) throw new Problem('invalid-token')
    const { payload } = await jwtVerify(token, issuer.keys, {
      issuer: issuer.issuer,
      audience: issuer.audience,
      typ: issuer.typ,
      algorithms: [...issuer.algorithms],
      requiredClaims: [...issuer.requiredClaims],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(nowMs),
    })
    const caller = issuer.toCaller(payload)
    if (!caller) throw new Problem('invalid-token')
    return {
      caller,
      issuer,
      clientId: String(payload.client_id ?? payload.sub),
      kid: header.kid,
      expiresAtMs: (Number(payload.exp) + clockToleranceSeconds) * 1_000,
      hash: createHash('sha256').update(token).digest('base64url'),
      ...bindingOf(payload.cnf),
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw new Problem('invalid-token', undefined, { cause: error })
    throw error
  }
}

/** RFC 7800. A binding that we cannot check must not be taken for none. */
function bindingOf(cnf: unknown): Pick<VerifiedToken, 'jkt' | 'x5t'> {
  if (cnf === undefined) return {}
  const { jkt, 'x5t#S256': x5t, ...others } = Object(cnf) as Record<string, unknown>
  const isKnown = Object.keys(others).length === 0 && (typeof jkt === 'string' || typeof x5t === 'string')
  if (!isKnown) throw new Problem('invalid-token')
  return { ...(typeof jkt === 'string' && { jkt }), ...(typeof x5t === 'string' && { x5t }) }
}
