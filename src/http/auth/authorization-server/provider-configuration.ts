import type { KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Configuration, errors, type JWK, type KoaContextWithOIDC } from 'oidc-provider'
import { type Client, findClient } from '../../../identity/clients.ts'
import { deviceCodeLifeSeconds, enrolScope } from '../../../identity/device-requests.ts'
import type { KnownIdentity } from '../../../identity/known-identity.ts'
import { createProviderStore } from '../../../identity/provider-store.ts'
import type { Queryable } from '../../../identity/queries.ts'
import { tokenLifeMs } from '../../../identity/signing-keys.ts'
import { createTries } from '../../../identity/tries.ts'
import { deriveKey } from '../../../privacy/encryption/master-key.ts'
import { clientCertificate } from '../client-certificate.ts'
import { dpopNonceSecret } from '../dpop-nonce.ts'
import { scopes } from '../scopes.ts'
import type { AuthorizationServerOptions } from './authorization-server.ts'
import { deviceCodeAdapter, deviceFlow, enrolmentClaims, isTillClient } from './device-flow.ts'
import { findOwnClient, webClientId, webScopes } from './own-clients.ts'
import { clientAdapter, providerAdapter } from './provider-adapter.ts'
import { renderProviderError } from './provider-error.ts'
import { findPerson, grantOwnClient, signedInAt, signInPolicy, signInUrl } from './provider-people.ts'

/** An assertion ends soon after it was made: one that somebody copies is worth nothing tomorrow. */
const assertionLifeMaxSeconds = 300
const clockToleranceSeconds = 15
const tokenLifeSeconds = tokenLifeMs / 1_000
/** Somebody looks for a password. */
const signInLifeSeconds = 900
const codeLifeSeconds = 60

/**
 * Everything that `oidc-provider` is told, in one place. Keys come with each rotation; what else there is, is as strict as it goes:
 * clients show a key, no secret; no token without an audience; no feature that nobody uses.
 */
export function providerConfiguration(
  options: AuthorizationServerOptions,
  jwks: { keys: JWK[] },
  addressOf: (request: IncomingMessage) => string,
): Configuration {
  const { db, identityKey, known, certificateHeader, proofs, publicUrl } = options
  const audience = publicUrl()
  const storeOf = (model: string) => createProviderStore(db, identityKey, model)
  const devices = deviceFlow({
    ...{ proofs, addressOf, codes: storeOf('DeviceCode') },
    tries: createTries(db, identityKey),
  })
  return {
    adapter: (model) => {
      if (model === 'Client')
        return clientAdapter((clientId) => findUsableClient(options, clientId), ownClientsOf(options))
      return model === 'DeviceCode' ? deviceCodeAdapter(storeOf(model)) : providerAdapter(model, storeOf(model))
    },
    jwks,
    // `none`: of tills that have no key yet, which get nothing without an approval.
    clientAuthMethods: ['private_key_jwt', 'none'],
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
    scopes: [...scopes, enrolScope, ...webScopes],
    claims: { openid: ['sub', 'name', 'groups', 'amr'] },
    extraParams: { device_name: devices.check },
    clockTolerance: clockToleranceSeconds,
    assertJwtClientAuthClaimsAndHeader: (_context, { exp }) => {
      if (Number(exp) > Date.now() / 1_000 + assertionLifeMaxSeconds + clockToleranceSeconds)
        throw new errors.InvalidClientAuth('the client_assertion must end within five minutes')
    },
    cookies: { keys: [cookieKeyOf(identityKey)] },
    ttl: {
      ...{
        ClientCredentials: () => tokenLifeSeconds,
        AccessToken: () => tokenLifeSeconds,
        IdToken: () => tokenLifeSeconds,
      },
      ...{ AuthorizationCode: () => codeLifeSeconds, DeviceCode: () => deviceCodeLifeSeconds },
      ...{ Interaction: () => signInLifeSeconds, Session: () => signInLifeSeconds, Grant: () => signInLifeSeconds },
    },
    // There is no session to end with: see `authorization.success`.
    expiresWithSession: async () => false,
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true, nonceSecret: dpopNonceSecret(identityKey).export(), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        // A person's token is for nothing: the session is with the hub's pages, and the API takes none of it.
        defaultResource: (_context, { clientId }) => (clientId === webClientId ? [] : audience),
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource, client) => {
          if (resource !== audience || client.clientId === webClientId) throw new errors.InvalidTarget()
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
      deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', deviceInfo: devices.describe },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
    },
    extraTokenClaims: async (context, { clientId, ...token }) => {
      if (isTillClient(clientId)) return enrolmentClaims(context, Object(token).jkt)
      const client = clientId === undefined ? undefined : await findClient(db, clientId)
      return client && claimsOf(client)
    },
    formats: { customizers: { jwt: grantByDefault } },
    responseTypes: ['code'],
    pkce: { required: () => true },
    findAccount: (context, accountId, token) =>
      findPerson(db, identityKey, { accountId, signedInAtSeconds: signedInAt(context, token) }),
    loadExistingGrant: grantOwnClient,
    interactions: { policy: signInPolicy(), url: signInUrl },
    renderError: renderProviderError,
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

function ownClientsOf({ identityKey, publicUrl, hasPeople }: AuthorizationServerOptions) {
  return (clientId: string) =>
    clientId === webClientId && !hasPeople ? undefined : findOwnClient(clientId, identityKey, publicUrl())
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
