import { createPrivateKey, type KeyObject } from 'node:crypto'
import { deriveKey } from '../../../privacy/encryption/master-key.ts'

/** The hub's own pages, as a client of the authorization server: people sign in there as they would with any other provider. */
export const webClientId = 'tillflow-web'
export const callbackPath = '/auth/callback'

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
