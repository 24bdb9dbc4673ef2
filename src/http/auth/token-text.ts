import { createHash, randomBytes } from 'node:crypto'

/** `tf_<prefix>_<secret>`: the prefix finds the row, the secret has 256 bits. */
export interface TokenText {
  text: string
  prefix: string
  secretHash: Buffer
}

const pattern = /^tf_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/

export function makeToken(): TokenText {
  const prefix = randomBytes(16).toString('hex').slice(0, 12)
  const secret = randomBytes(32).toString('base64url')
  return { text: `tf_${prefix}_${secret}`, prefix, secretHash: hashSecret(secret) }
}

export function parseToken(text: string): TokenText | undefined {
  const match = pattern.exec(text)
  const [, prefix, secret] = match ?? []
  return prefix !== undefined && secret !== undefined ? { text, prefix, secretHash: hashSecret(secret) } : undefined
}

/** A random secret of 256 bits needs no slow hash: there is nothing to guess. */
function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
