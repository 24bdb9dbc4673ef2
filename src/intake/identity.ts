import { hash } from 'node:crypto'
import { canonicalContent } from '../domain/canonical-content.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'

/**
 * The id of a transaction, made from its key (RFC 9562 version 8 over SHA-256): the primary key is the permanent identity,
 * one index guards it, and a return can name its original without a look-up.
 */
export function transactionIdOf(transactionKey: string): string {
  const digest = hash('sha256', `tillflow:transaction:1:${transactionKey}`, 'buffer')
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  const hex = digest.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** SHA-256 over the canonical business content in RFC 8785 form. The first byte is the version of the content rules. */
export function contentHashOf(transaction: Transaction): Buffer {
  return Buffer.concat([contentVersion, hash('sha256', JSON.stringify(canonicalContent(transaction)), 'buffer')])
}

const contentVersion = Buffer.of(1)
