import { decodeUtf8 } from '../contract/strict-json.ts'
import { maskCardNumbers } from '../privacy/card-numbers/mask-card-numbers.ts'
import { refuseSensitiveAuthenticationData } from '../privacy/card-numbers/sensitive-data.ts'

/** A document after the guards: safe to read, keep and log. */
export interface Guarded {
  bytes: Uint8Array
  masked: boolean
}

/** Refuses what may never be kept and masks card numbers, before anything is read, stored, hashed or logged. */
export function guardBytes(bytes: Uint8Array): Guarded {
  const text = decodeUtf8(bytes)
  refuseSensitiveAuthenticationData(text)
  const { text: masked, maskedCount } = maskCardNumbers(text)
  return maskedCount > 0 ? { bytes: Buffer.from(masked), masked: true } : { bytes, masked: false }
}
