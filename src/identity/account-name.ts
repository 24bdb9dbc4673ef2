import { createHmac, type KeyObject } from 'node:crypto'
import { Problem } from '../contract/problem.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../privacy/encryption/sealed-bytes.ts'

const nameLengthMax = 100

/** A name by which somebody signs in. Throws Problem `request-invalid`. */
export function readAccountName(text: string): string {
  const name = text.normalize('NFKC').trim()
  if (name.length === 0 || name.length > nameLengthMax || /[\p{C}]/u.test(name))
    throw new Problem('request-invalid', `A name has 1 to ${nameLengthMax} visible characters.`)
  return name
}

/** Names of people are personal data: the table has a keyed hash to find them by, and the name sealed. */
export interface NameKeeper {
  /** The same for each way of writing a name: large and small letters, blanks around it. */
  hash(typed: string): Buffer
  seal(name: string, accountId: string): Buffer
  open(sealed: Buffer, accountId: string): string
}

export function createNameKeeper(identityKey: KeyObject): NameKeeper {
  const hashKey = deriveKey(identityKey, 'local account names')
  const sealKey = deriveKey(identityKey, 'local account names sealed')
  return {
    hash: (typed) => createHmac('sha256', hashKey).update(typed.normalize('NFKC').trim().toLowerCase()).digest(),
    seal: (name, accountId) => sealBytes(sealKey, Buffer.from(name), accountId),
    open: (sealed, accountId) => openBytes(sealKey, sealed, accountId).toString(),
  }
}
