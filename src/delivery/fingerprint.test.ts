import { describe, expect, it } from 'vitest'
import { fingerprintOf, normaliseReason } from './fingerprint.ts'

describe('the words of a target', () => {
  it.each([
    ['HTTP 422: unknown item 4711', 'HTTP 422: unknown item <n>'],
    ["item '4711' is not known", 'item <value> is not known'],
    ['no "Chair, blue" in stock', 'no <value> in stock'],
    ['receipt till:9/3/-/160 was refused', 'receipt <n> was refused'],
    ['document 0b0e7b1c-6a3f-4d5e-9f10-a1b2c3d4e5f6 is locked', 'document <n> is locked'],
    ['total 12.50 is not 12.49 EUR', 'total <n> is not <n> EUR'],
    ['no answer within 15000 ms', 'no answer within <n> ms'],
    ['waits   for\n the original', 'waits for the original'],
    ['the connector failed', 'the connector failed'],
  ])('%j become %j', (reason, expected) => {
    expect(normaliseReason(reason)).toBe(expected)
  })

  it('keep the status of HTTP, which says what kind of trouble it is', () => {
    expect(normaliseReason('HTTP 422')).not.toBe(normaliseReason('HTTP 401'))
  })

  it('are bounded', () => {
    expect(normaliseReason('word '.repeat(5_000)).length).toBeLessThanOrEqual(200)
  })
})

describe('a fingerprint', () => {
  const one = { target: 'erp', reasonCode: 'rejected', reason: 'unknown item 4711' }
  it('is the same for the same cause, and stays so', () => {
    expect(fingerprintOf({ ...one, reason: 'unknown item 4712' })).toBe(fingerprintOf(one))
    expect(fingerprintOf(one)).toMatch(/^[0-9a-f]{12}$/)
  })

  it.each([{ target: 'crm' }, { reasonCode: 'attempts-exhausted' }, { reason: 'unknown tender 3' }])(
    'is another one for %j',
    (change) => {
      expect(fingerprintOf({ ...one, ...change })).not.toBe(fingerprintOf(one))
    },
  )
})
