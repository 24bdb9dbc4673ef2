import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { AdapterPayload } from 'oidc-provider'
import { enrolScope, tillClientId } from '../../../identity/device-requests.ts'
import { deriveKey } from '../../../privacy/encryption/master-key.ts'

/** The hub's own pages, as a client of the authorization server: people sign in there as they would with any other provider. */
export const webClientId = 'tillflow-web'
export const callbackPath = '/auth/callback'

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** What ID tokens may be asked for beside `openid`; whatever is asked for, they say the same. */
export const webScopes = ['openid', 'profile', 'email', 'groups']

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410, 7). */
const ed25519Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * The key by which the hub's pages show who they are (`private_key_jwt`, EdDSA). It is derived from the key of the installation: every
 * process has the same, and nothing has to be stored or told.
 */
export function webClientKey(identityKey: KeyObject): KeyObject {
  const seed = deriveKey(identityKey, 'web client').export()
  return createPrivateKey({ key: Buffer.concat([ed25519Head, seed]), format: 'der', type: 'pkcs8' })
}

/** Clients that are there in every installation and in no table. */
export function findOwnClient(clientId: string, identityKey: KeyObject, publicUrl: string): AdapterPayload | undefined {
  if (clientId === webClientId) return webClient(identityKey, publicUrl)
  return clientId === tillClientId ? tillClient : undefined
}

function webClient(identityKey: KeyObject, publicUrl: string): AdapterPayload {
  const jwk = createPublicKey(webClientKey(identityKey)).export({ format: 'jwk' })
  return {
    client_id: webClientId,
    client_name: 'Tillflow',
    jwks: { keys: [{ ...jwk, alg: 'EdDSA', use: 'sig' }] } as NonNullable<AdapterPayload['jwks']>,
    scope: webScopes.join(' '),
    grant_types: ['authorization_code'],
    response_types: ['code'],
    redirect_uris: [`${publicUrl}${callbackPath}`],
    token_endpoint_auth_method: 'private_key_jwt',
    // By which a session is one of the present password.
    require_auth_time: true,
  }
}

/** Every till that has no key yet. It has no secret either: what it gets, somebody must approve. */
const tillClient: AdapterPayload = {
  client_id: tillClientId,
  client_name: 'Till',
  scope: enrolScope,
  grant_types: [deviceGrant],
  response_types: [],
  redirect_uris: [],
  token_endpoint_auth_method: 'none',
  dpop_bound_access_tokens: true,
}
