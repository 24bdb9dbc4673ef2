import { createHmac, createPrivateKey, createSecretKey, type KeyObject, sign } from 'node:crypto'
import { Problem } from '../../contract/problem.ts'

/** Signs `id.timestamp.body` and answers one versioned signature. */
export type Signer = (content: string) => string

const hmacKeyMinBytes = 24
const hmacKeyMaxBytes = 64
const ed25519SeedBytes = 32
/** PKCS #8 of an Ed25519 key up to the seed (RFC 8410). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * A signer of Standard Webhooks 1.0 for a secret: `whsec_` with 24 to 64 bytes in base64 signs `v1` (HMAC-SHA256), `whsk_`
 * with an Ed25519 seed (32 bytes, or 64 with the public key after it) signs `v1a`. Throws `settings-invalid`, which names
 * the setting and never the secret.
 */
export function createSigner(secret: string, settingName: string): Signer {
  if (secret.startsWith('whsec_')) {
    const key = decodeBase64(secret.slice('whsec_'.length))
    if (!key || key.length < hmacKeyMinBytes || key.length > hmacKeyMaxBytes) {
      throw new Problem('settings-invalid', `${settingName} must hold 24 to 64 bytes in base64 after whsec_.`)
    }
    // A key made once: given its bytes, each signature makes one of its own, which costs more than to sign.
    const secretKey = createSecretKey(key)
    return (content) => `v1,${createHmac('sha256', secretKey).update(content).digest('base64')}`
  }
  if (secret.startsWith('whsk_')) {
    const key = decodeBase64(secret.slice('whsk_'.length))
    if (!key || (key.length !== ed25519SeedBytes && key.length !== 2 * ed25519SeedBytes)) {
      throw new Problem('settings-invalid', `${settingName} must hold an Ed25519 key in base64 after whsk_.`)
    }
    const privateKey = toPrivateKey(key.subarray(0, ed25519SeedBytes))
    return (content) => `v1a,${sign(null, Buffer.from(content), privateKey).toString('base64')}`
  }
  throw new Problem('settings-invalid', `${settingName} must begin with whsec_ or whsk_.`)
}

function toPrivateKey(seed: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([ed25519Prefix, seed]), format: 'der', type: 'pkcs8' })
}

/** `Buffer.from` drops what it does not know; a secret with a typing error must not become another secret. */
function decodeBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}
