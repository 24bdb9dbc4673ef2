import { createHash } from 'node:crypto'

const patternLengthMax = 200

/**
 * A target's words without what differs from receipt to receipt: quoted values, ids and numbers. Two events with the same rest
 * have, as far as words can tell, the same cause.
 */
export function normaliseReason(reason: string): string {
  return (
    reason
      .slice(0, 1_000)
      .replace(/"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»|“[^”]*”/g, '<value>')
      // A key of a receipt, a UUID, a digest, an amount: any word with a digit in it. The status of HTTP is a kind of trouble.
      .replace(/HTTP \d{3}\b|[\p{L}\p{N}_@:/.+-]*\p{N}(?:[\p{L}\p{N}_@:/.+-]*[\p{L}\p{N}_])?/gu, (word) =>
        word.startsWith('HTTP ') ? word : '<n>',
      )
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, patternLengthMax)
  )
}

export interface FingerprintInput {
  target: string
  reasonCode: string
  reason: string
}

/** Names a group of parked events: target, reason code and the normalised words. Stable over versions; twelve hexadecimal digits. */
export function fingerprintOf({ target, reasonCode, reason }: FingerprintInput): string {
  const text = [target, reasonCode, normaliseReason(reason)].join('\n')
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
