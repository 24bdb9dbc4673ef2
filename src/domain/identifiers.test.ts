import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasValidCheckDigit, isIdentifier, isRestrictedCirculation, normaliseGtin } from './identifiers.ts'

describe('identifiers', () => {
  it.each(['4006381333931', '96385074', '036000291452', '10614141000415'])('%s has a right check digit', (digits) => {
    expect(hasValidCheckDigit(digits)).toBe(true)
  })
  it.each(['4006381333932', '1234567895', '', '400638133393x'])('%s has none', (digits) => {
    expect(hasValidCheckDigit(digits)).toBe(false)
  })
  it('a digit that is typed wrongly is found, wherever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 9 }), (place, by) => {
        const digits = [...'4006381333931']
        digits[place] = String((Number(digits[place]) + by) % 10)
        return !hasValidCheckDigit(digits.join(''))
      }),
    )
  })
  it('GTINs become fourteen digits, other lengths none', () => {
    expect([normaliseGtin('96385074'), normaliseGtin('4006381333931'), normaliseGtin('123')]).toEqual([
      '00000096385074',
      '04006381333931',
      undefined,
    ])
  })
  it('a store knows its own numbers', () => {
    expect(['2012345012348', '0212345012348', '212345012348', '20123451'].every(isRestrictedCirculation)).toBe(true)
    expect(['4006381333931', '96385074', '036000291452', 'x'].some(isRestrictedCirculation)).toBe(false)
  })
  it('identifiers are plain', () => {
    expect(['9', 'store-1', 'A.b_c'].every(isIdentifier)).toBe(true)
    expect(['', 'a b', 'Ѕtore', 'a/b', 'x'.repeat(65)].some(isIdentifier)).toBe(false)
  })
})
