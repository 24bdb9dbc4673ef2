import * as oidc from 'openid-client'
import type { Clock } from '../../../contract/clock.ts'
import { askAtTimes } from './ask-at-times.ts'
import { type ClientCredentials, clientAuthentication } from './client-authentication.ts'
import { joinUserinfo, namesGroups } from './group-grants.ts'

/** An OpenID provider at which people sign in, and what is asked of it. */
export interface OpenidProviderOptions {
  issuer(): string
  clientId: string
  credentials: ClientCredentials
  scopes: string
  /** The claim that must be said of a person: where the ID token does not, the userinfo endpoint is asked. Absent: it is not asked. */
  groupsClaim?: string
  fetch: oidc.CustomFetch
  clock: Clock
}

/** What binds the answer of a provider to the browser that asked for it. */
export interface SignInChecks {
  state: string
  nonce: string
  /** Of PKCE. */
  verifier: string
}

export interface VouchedClaims {
  claims: Readonly<Record<string, unknown>> & { iss: string; sub: string }
  idToken: string
}

/** Throws whatever `openid-client` or its fetch do; see `providerProblem`. */
export interface OpenidProvider {
  /** As the settings name it. */
  issuer(): string
  /** Where the browser is sent. */
  authorizationUrl(redirectUri: string, checks: SignInChecks): Promise<string>
  /** What the provider says of the person: by a code that the browser brought, over the hub's own connection, signed. */
  redeem(callback: URL, checks: SignInChecks): Promise<VouchedClaims>
  /** Where the provider ends its own session; undefined: it does not offer that. */
  endSessionUrl(idToken: string | undefined, returnTo: string): Promise<string | undefined>
}

/** What the provider says of itself is asked for again after so long. */
const metadataAgeMaxMs = 600_000
/** Less than browsers are told to wait. */
const failurePauseMs = 3_000
const timeoutSeconds = 15

/**
 * Authorization code with PKCE (S256), state and nonce, by `openid-client`. The signature of the ID token is checked too, though it came over
 * the hub's own connection: a provider behind a proxy that somebody else runs is one whose word has to be signed.
 */
export function openidProvider(options: OpenidProviderOptions): OpenidProvider {
  const discover = async (issuer: string): Promise<oidc.Configuration> => {
    const url = new URL(issuer)
    return oidc.discovery(url, options.clientId, {}, await clientAuthentication(options.credentials), {
      [oidc.customFetch]: options.fetch,
      timeout: timeoutSeconds,
      // Whether plain http may be, the fetch decides.
      execute: [oidc.enableNonRepudiationChecks, ...(url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
    })
  }
  // What it said ten minutes ago is better than nobody coming in.
  const find = askAtTimes(discover, { ageMaxMs: metadataAgeMaxMs, pauseMs: failurePauseMs, clock: options.clock })
  const configurationNow = () => find(options.issuer())
  return {
    issuer: options.issuer,
    authorizationUrl: async (redirectUri, { state, nonce, verifier }) => {
      const parameters = {
        ...{ redirect_uri: redirectUri, scope: options.scopes, response_type: 'code', state, nonce },
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }
      return oidc.buildAuthorizationUrl(await configurationNow(), parameters).href
    },
    redeem: async (callback, { state, nonce, verifier }) => {
      const configuration = await configurationNow()
      const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (!claims || tokens.id_token === undefined) throw new Error('the provider gave no ID token')
      const { iss, sub } = claims
      const said = await complete(configuration, { claims, accessToken: tokens.access_token }, options.groupsClaim)
      return { claims: { ...said, iss, sub }, idToken: tokens.id_token }
    },
    endSessionUrl: async (idToken, returnTo) => {
      const configuration = await configurationNow()
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined
      const parameters = {
        post_logout_redirect_uri: returnTo,
        ...(idToken !== undefined && { id_token_hint: idToken }),
      }
      return oidc.buildEndSessionUrl(configuration, parameters).href
    },
  }
}

/**
 * What the provider says of a person, with what the userinfo endpoint says where the ID token names no groups and there is such an
 * endpoint (OpenID Connect Core, 5.3). Throws where it speaks of somebody else.
 */
async function complete(
  configuration: oidc.Configuration,
  { claims, accessToken }: { claims: oidc.IDToken; accessToken: string },
  groupsClaim: string | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { userinfo_endpoint: endpoint } = configuration.serverMetadata()
  if (groupsClaim === undefined || endpoint === undefined || namesGroups(claims, groupsClaim)) return claims
  return joinUserinfo(claims, await oidc.fetchUserInfo(configuration, accessToken, claims.sub), groupsClaim)
}
