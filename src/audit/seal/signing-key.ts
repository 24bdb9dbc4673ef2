import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto'
import { deriveKey } from '../../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../../privacy/encryption/sealed-bytes.ts'

/** A key as it is kept: the private part sealed by the audit key, which is one of the installation's. */
export interface KeptKey {
  /** The 32 bytes of the public key (RFC 8032), base64url. It is its own name. */
  key: string
  sealedPrivate: Buffer
  /** Nobody without the audit key makes one for a key of theirs. */
  voucher: Buffer
}

/** Makes an Ed25519 key pair. */
export function makeSigningKey(auditKey: KeyObject): KeptKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const key = nameOf(publicKey)
  const der = privateKey.export({ format: 'der', type: 'pkcs8' })
  return { key, sealedPrivate: sealBytes(sealKey(auditKey), der, key), voucher: voucherOf(key, auditKey) }
}

/** Throws Problem `sealed-data-unreadable` when it was sealed under another audit key, or is another key's. */
export function openSigningKey({ key, sealedPrivate }: Pick<KeptKey, 'key' | 'sealedPrivate'>, auditKey: KeyObject) {
  return createPrivateKey({ key: openBytes(sealKey(auditKey), sealedPrivate, key), format: 'der', type: 'pkcs8' })
}

export function isVouchedFor({ key, voucher }: Pick<KeptKey, 'key' | 'voucher'>, auditKey: KeyObject): boolean {
  const expected = voucherOf(key, auditKey)
  return voucher.length === expected.length && timingSafeEqual(voucher, expected)
}

/** What is signed begins with what it is, so that no signature of this key means anything else. */
const context = 'tillflow audit checkpoint\n'

export function signText(privateKey: KeyObject, text: string): string {
  return sign(null, Buffer.from(context + text), privateKey).toString('base64url')
}

/** False also where the key is none. */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(context + text), publicKeyOf(key), Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

export function publicKeyOf(key: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' })
}

function nameOf(publicKey: KeyObject): string {
  return publicKey.export({ format: 'jwk' }).x ?? ''
}

function sealKey(auditKey: KeyObject): KeyObject {
  return deriveKey(auditKey, 'audit signing')
}

function voucherOf(key: string, auditKey: KeyObject): Buffer {
  return createHmac('sha256', deriveKey(auditKey, 'audit voucher')).update(key).digest()
}
