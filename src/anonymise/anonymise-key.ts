import { scryptSync } from 'node:crypto'
import { Problem } from '../contract/problem.ts'

const keyLengthMin = 16

/**
 * The key of the pseudonyms. It is stretched (scrypt), since a person may have chosen it and whoever knows one original could try
 * others against it. Throws Problem `anonymise-key-too-short` below 16 characters.
 */
export function deriveKey(secret: string): Uint8Array {
  if (secret.length < keyLengthMin) throw new Problem('anonymise-key-too-short')
  return scryptSync(secret, 'tillflow anonymise 1', 32)
}
