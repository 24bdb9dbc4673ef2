import { createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'

export type Verification = 'verified' | 'malformed' | 'too-old' | 'wrong-signature'

export interface ReceiverKeys {
  /** `whsec_` secrets for `v1`. */
  secrets: readonly Buffer[]
  /** `whpk_` keys for `v1a`. */
  publicKeys: readonly KeyObject[]
}

const toleranceMs = 300_000
const signaturesMax = 8
/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Reads keys as Standard Webhooks writes them. */
export function readKeys(texts: readonly string[]): ReceiverKeys {
  const bytesAfter = (prefix: string) =>
    texts.filter((text) => text.startsWith(prefix)).map((text) => Buffer.from(text.slice(prefix.length), 'base64'))
  return {
    secrets: bytesAfter('whsec_'),
    publicKeys: bytesAfter('whpk_').map((key) =>
      createPublicKey({ key: Buffer.concat([ed25519Prefix, key]), format: 'der', type: 'spki' }),
    ),
  }
}

/** Checks a request as Standard Webhooks 1.0 wants it: any one signature of a known version and key is enough. */
export function verifyWebhook(
  headers: Record<string, string | string[] | undefined>,
  body: string,
  keys: ReceiverKeys,
  nowMs: number,
): Verification {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return 'malformed'
  if (!/^\d{1,12}$/.test(timestamp) || id === '') return 'malformed'
  if (Math.abs(nowMs - Number(timestamp) * 1000) > toleranceMs) return 'too-old'
  const list = signatures.split(' ')
  if (list.length > signaturesMax) return 'malformed'
  const content = Buffer.from(`${id}.${timestamp}.${body}`)
  const matches = list.some((versioned) => {
    const [version, signature = ''] = versioned.split(',')
    const bytes = Buffer.from(signature, 'base64')
    if (version === 'v1') return keys.secrets.some((secret) => isHmac(content, secret, bytes))
    if (version === 'v1a')
      return keys.publicKeys.some((key) => bytes.length === 64 && verify(null, content, key, bytes))
    return false
  })
  return matches ? 'verified' : 'wrong-signature'
}

function isHmac(content: Buffer, secret: Buffer, signature: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(content).digest()
  return expected.length === signature.length && timingSafeEqual(expected, signature)
}
