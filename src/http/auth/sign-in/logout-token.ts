import { decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Clock } from '../../../contract/clock.ts'
import { Problem } from '../../../contract/problem.ts'
import type { EndedAtProvider } from '../../../identity/end-at-provider.ts'

/** One that is older is not taken, whatever it says of its own end, which providers of before the final standard leave out. */
const ageMaxSeconds = 600
const clockToleranceSeconds = 30
const tokenLengthMax = 6_000
const textLengthMax = 1_000
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
/** As of ID tokens: what a provider signs with a key of its own. */
const algorithms = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519'.split(' ')
/** Providers of before write JWT, or nothing. An access token is never taken for one. */
const types: readonly unknown[] = [undefined, 'logout+jwt', 'jwt']

export interface LogoutTokenOptions {
  issuer: string
  clientId: string
  keys: JWTVerifyGetKey
  clock: Clock
}

/** Reads what a provider sends where somebody has signed out there. Throws Problem `logout-token-invalid`, and what `keys` throw. */
export type ReadLogoutToken = (token: string) => Promise<EndedAtProvider>

/** OpenID Connect Back-Channel Logout 1.0, 2.6, but for whether a token came before, which all processes must know. */
export function logoutTokenReader({ issuer, clientId, keys, clock }: LogoutTokenOptions): ReadLogoutToken {
  return async (token) => {
    if (token.length > tokenLengthMax) throw refuse('it is too long')
    try {
      const { typ, crit } = decodeProtectedHeader(token)
      if (!types.includes(typ?.toLowerCase().replace(/^application\//, '')) || crit !== undefined)
        throw refuse('its header is of another kind of token')
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience: clientId, algorithms, clockTolerance: clockToleranceSeconds },
        ...{ requiredClaims: ['iat', 'jti', 'events'], maxTokenAge: ageMaxSeconds },
        currentDate: new Date(clock.now()),
      })
      return endedOf(payload, { issuer, clientId })
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) throw refuse(error.message, error)
      throw error
    }
  }
}

function endedOf(claims: JWTPayload, { issuer, clientId }: { issuer: string; clientId: string }): EndedAtProvider {
  const { aud, azp, events, jti, sub, sid } = claims
  if (Array.isArray(aud) && aud.length > 1 && azp !== clientId) throw refuse('it is for somebody else too')
  // What has a nonce is the answer to a sign-in.
  if ('nonce' in claims) throw refuse('it has a nonce')
  const event = isObject(events) && Object.hasOwn(events, logoutEvent) ? events[logoutEvent] : undefined
  if (!isObject(event)) throw refuse('it is about something else than a logout')
  const [messageId, subject, providerSession] = [textOf(jti, 'jti'), textOf(sub, 'sub'), textOf(sid, 'sid')]
  if (messageId === undefined || (subject === undefined && providerSession === undefined))
    throw refuse('it does not say who has signed out')
  return {
    ...{ issuer, messageId },
    ...(subject !== undefined && { subject }),
    ...(providerSession !== undefined && { providerSession }),
  }
}

function textOf(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && value !== '' && value.length <= textLengthMax) return value
  throw refuse(`its ${name} is no text that anybody can use`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** Why is for the log: whoever forges one learns nothing from the answer. */
function refuse(why: string, cause?: unknown): Problem {
  return new Problem('logout-token-invalid', undefined, { cause: new Error(why, { cause }) })
}
