import type { KeyObject } from 'node:crypto'
import { type Configuration, errors, type JWK, type KoaContextWithOIDC } from 'oidc-provider'
import { type Client, findClient } from '../../../identity/clients.ts'
import type { KnownIdentity } from '../../../identity/known-identity.ts'
import { createProviderStore } from '../../../identity/provider-store.ts'
import type { Queryable } from '../../../identity/queries.ts'
import { tokenLifeMs } from '../../../identity/signing-keys.ts'
import { deriveKey } from '../../../privacy/encryption/master-key.ts'
import { clientCertificate } from '../client-certificate.ts'
import { dpopNonceSecret } from '../dpop-nonce.ts'
import { scopes } from '../scopes.ts'
import type { AuthorizationServerOptions } from './authorization-server.ts'
import { clientAdapter, providerAdapter } from './provider-adapter.ts'

/** An assertion ends soon after it was made: one that somebody copies is worth nothing tomorrow. */
const assertionLifeMaxSeconds = 300
const clockToleranceSeconds = 15
const tokenLifeSeconds = tokenLifeMs / 1_000

/**
 * Everything that `oidc-provider` is told, in one place. Keys come with each rotation; what else there is, is as strict as it goes:
 * clients show a key, no secret; no token without an audience; no feature that nobody uses.
 */
export function providerConfiguration(options: AuthorizationServerOptions, jwks: { keys: JWK[] }): Configuration {
  const { db, identityKey, known, certificateHeader } = options
  const audience = options.publicUrl()
  return {
    adapter: (model) =>
      model === 'Client'
        ? clientAdapter((clientId) => findUsableClient(options, clientId))
        : providerAdapter(model, createProviderStore(db, identityKey, model)),
    jwks,
    clientAuthMethods: ['private_key_jwt'],
    clientDefaults: {
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: 'ES256',
    },
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256', 'ES384', 'PS256', 'RS256', 'EdDSA', 'Ed25519'],
      idTokenSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
    },
    scopes: [...scopes],
    clockTolerance: clockToleranceSeconds,
    assertJwtClientAuthClaimsAndHeader: (_context, { exp }) => {
      if (Number(exp) > Date.now() / 1_000 + assertionLifeMaxSeconds + clockToleranceSeconds)
        throw new errors.InvalidClientAuth('the client_assertion must end within five minutes')
    },
    cookies: { keys: [cookieKeyOf(identityKey)] },
    ttl: { ClientCredentials: () => tokenLifeSeconds, AccessToken: () => tokenLifeSeconds },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: dpopNonceSecret(identityKey).export(), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource, client) => {
          if (resource !== audience) throw new errors.InvalidTarget()
          return {
            audience,
            scope: client.scope ?? '',
            accessTokenFormat: 'jwt',
            accessTokenTTL: tokenLifeSeconds,
            jwt: { sign: signingOf(known) },
          }
        },
      },
      ...(certificateHeader !== '' && {
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          getCertificate: ({ req }) => clientCertificate(req.headers, certificateHeader),
        },
      }),
      // For the sign-in of people and of devices without a keyboard: deviceFlow, interactions below.
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    extraTokenClaims: async (_context, { clientId }) => {
      const client = clientId === undefined ? undefined : await findClient(db, clientId)
      return client && claimsOf(client)
    },
    formats: { customizers: { jwt: grantByDefault } },
    responseTypes: ['code'],
    pkce: { required: () => true },
    // Nobody signs in here yet; whoever is asked for is not there.
    findAccount: async () => undefined,
    interactions: { url: () => '/' },
    renderError: (context, out) => {
      context.type = 'json'
      context.body = out
    },
    // Keys of clients are with us; nothing is fetched from addresses that a client names.
    fetch: async () => {
      throw new Error('the authorization server asks nobody')
    },
  }
}

/** What a token says of a client beside its id; read by `ownIssuer`. */
function claimsOf({ kind, stores, workstationId }: Client): Record<string, unknown> {
  return {
    client_kind: kind,
    ...(stores && { stores }),
    ...(workstationId !== undefined && { workstation_id: workstationId }),
  }
}

/** RFC 6749, 3.3: who asks for no scope gets those that it has. */
function grantByDefault(
  { oidc }: KoaContextWithOIDC,
  _token: unknown,
  { payload }: { payload: Record<string, unknown> },
): undefined {
  payload.scope ??= oidc.client?.scope
}

/** A client whose binding cannot be checked here does not come in, rather than come in without. */
async function findUsableClient(
  { db, certificateHeader, logger }: AuthorizationServerOptions,
  clientId: string,
): Promise<Client | undefined> {
  const client = await findClient(db as Queryable, clientId)
  if (client?.binding !== 'mtls' || certificateHeader !== '') return client
  logger.warn({ clientId }, 'a machine with a certificate cannot come in: clientCertificateHeader is not set')
  return undefined
}

function signingOf(known: KnownIdentity): { alg: 'ES256'; kid: string } {
  const key = known.signingKey()
  if (!key) throw new Error('there is no key to sign with')
  return { alg: 'ES256', kid: key.kid }
}

function cookieKeyOf(identityKey: KeyObject): string {
  return deriveKey(identityKey, 'identity cookies').export().toString('base64url')
}
