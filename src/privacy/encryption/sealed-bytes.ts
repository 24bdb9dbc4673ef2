import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto'
import { Problem } from '../../contract/problem.ts'

const version = 1
const nonceLength = 12
const tagLength = 16
const headLength = 1 + nonceLength

/** AES-256-GCM with a random nonce: version (1 byte), nonce (12), ciphertext, tag (16). */
export function sealBytes(key: KeyObject, plain: Uint8Array, associatedData: string): Buffer {
  const nonce = takeNonce()
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.from(associatedData))
  const ciphertext = cipher.update(plain)
  cipher.final()
  const sealed = Buffer.allocUnsafe(headLength + ciphertext.length + tagLength)
  sealed[0] = version
  nonce.copy(sealed, 1)
  ciphertext.copy(sealed, headLength)
  cipher.getAuthTag().copy(sealed, headLength + ciphertext.length)
  return sealed
}

/** Throws Problem `sealed-data-unreadable` when anything of it, the key or the associated data is not as it was. */
export function openBytes(key: KeyObject, sealed: Uint8Array, associatedData: string): Buffer {
  if (sealed[0] !== version || sealed.length < headLength + tagLength) throw new Problem('sealed-data-unreadable')
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, headLength), { authTagLength: tagLength })
  decipher.setAAD(Buffer.from(associatedData))
  decipher.setAuthTag(sealed.subarray(sealed.length - tagLength))
  const plain = decipher.update(sealed.subarray(headLength, sealed.length - tagLength))
  try {
    decipher.final()
  } catch (error) {
    throw new Problem('sealed-data-unreadable', undefined, { cause: error })
  }
  return plain
}

// Random bytes are drawn for many nonces at once: one draw costs as much as encrypting a receipt.
let pool = Buffer.alloc(0)
let taken = 0

function takeNonce(): Buffer {
  if (taken + nonceLength > pool.length) {
    pool = randomBytes(nonceLength * 512)
    taken = 0
  }
  const nonce = pool.subarray(taken, taken + nonceLength)
  taken += nonceLength
  return nonce
}
