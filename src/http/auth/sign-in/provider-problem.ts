import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { isProblem, Problem } from '../../../contract/problem.ts'
import { TransportFailure } from '../../../contract/transport-failure.ts'

/** Codes of OAuth by which a provider says that it cannot now, or that it does not know the hub as the settings say. */
const notNow = ['temporarily_unavailable', 'server_error']
const notUs = ['invalid_client', 'unauthorized_client', 'invalid_scope', 'unsupported_response_type']

/**
 * What a browser is told where a provider refused, failed, or said what cannot be believed. What the provider wrote is for the log, never
 * for the page: an address with an error in it can be made by anybody.
 */
export function providerProblem(error: unknown): Problem {
  const from = (code: ConstructorParameters<typeof Problem>[0]) => new Problem(code, undefined, { cause: error })
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    if (notNow.includes(error.error) || notUs.includes(error.error)) return from('identity-provider-unavailable')
    return from(error instanceof AuthorizationResponseError ? 'sign-in-refused' : 'sign-in-failed')
  }
  if (isUnreachable(error)) return from('identity-provider-unavailable')
  return isProblem(error) && error.status === 401 ? error : from('sign-in-failed')
}

/** Whether an answer was never there, or was none of an OpenID provider. */
function isUnreachable(error: unknown): boolean {
  if (error instanceof TransportFailure || isProblem(error)) return true
  // Of the userinfo endpoint, which does not take the token that was just made for it.
  if (error instanceof WWWAuthenticateChallengeError) return true
  if (!(error instanceof Error)) return false
  if (error instanceof ClientError)
    return (
      ['OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_TIMEOUT', 'OAUTH_ABORT'].includes(
        error.code ?? '',
      ) || isUnreachable(error.cause)
    )
  return false
}

/** For the log: kinds and codes, nothing that a provider or a client wrote. */
export function providerFailure(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { failure: 'unknown' }
  const { code } = error as { code?: unknown }
  const { reason } = Object(error.cause) as { reason?: unknown }
  return {
    failure: error.name,
    ...(typeof code === 'string' && { code }),
    ...((error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) && {
      said: error.error.replace(/[^a-z_]/g, '').slice(0, 60),
    }),
    ...(typeof reason === 'string' && { reason }),
    ...(error.cause instanceof Error && { because: `${error.cause.name}: ${error.cause.message}`.slice(0, 200) }),
  }
}
