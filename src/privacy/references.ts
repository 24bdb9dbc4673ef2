import { createHmac, type KeyObject } from 'node:crypto'
import { deriveKey } from './encryption/master-key.ts'

/** What a value that leaves the house as a reference is of: the same number as customer and as loyalty account is two people. */
export type ReferenceKind = 'customer' | 'loyalty' | 'account' | 'card' | 'certificate' | 'contact' | 'value' | 'text'

/** A name for a value that says nothing about it: the same whenever it is asked for, and nobody's without the master key. */
export type Reference = (kind: ReferenceKind, value: string) => string

const form = /^ref_[A-Za-z0-9_-]{22}$/

/** Whether a value has the form of a reference. */
export function isReference(value: unknown): boolean {
  return typeof value === 'string' && form.test(value)
}

/** 128 bits: two values of one installation do not meet. */
const lengthBytes = 16
/** A receipt names its customer several times, and customers come again; beyond it, all are forgotten. */
const rememberedMax = 10_000

/** References of an installation whose vault nobody opened: those that it began with. A hub asks its vault (`Vault.references`). */
export function createReferences(masterKey: KeyObject): Reference {
  return referencesUnder(deriveKey(masterKey, 'references'))
}

/** HMAC-SHA-256 under a key of their own. `ref_` and 22 characters, valid as an identifier. A reference refers to itself. */
export function referencesUnder(key: KeyObject): Reference {
  const remembered = new Map<string, string>()
  return (kind, value) => {
    if (isReference(value)) return value
    const name = `${kind}\0${value}`
    const known = remembered.get(name)
    if (known !== undefined) return known
    const digest = createHmac('sha256', key).update(name).digest()
    const reference = `ref_${digest.subarray(0, lengthBytes).toString('base64url')}`
    if (remembered.size >= rememberedMax) remembered.clear()
    remembered.set(name, reference)
    return reference
  }
}
