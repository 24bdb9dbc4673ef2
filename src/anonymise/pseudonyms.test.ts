import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasValidCheckDigit } from '../domain/identifiers.ts'
import { deriveKey } from './anonymise-key.ts'
import { phonePseudonym } from './contacts.ts'
import { articlePseudonym, locationNumberPseudonym } from './goods.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { shapeOf } from './shape.ts'
import { shiftDate } from './shift-date.ts'

const key = deriveKey('a key for the tests')
const pseudonyms = createPseudonyms(key)
const other = createPseudonyms(deriveKey('another key for tests'))

describe('a pseudonym', () => {
  it('is a different one for every original, even where there are only nine', () => {
    for (const originals of [range(1, 9), range(10, 99), range(100, 999)]) {
      const given = originals.map((one) => pseudonyms.of(String(one)))
      expect(new Set(given).size).toBe(originals.length)
      expect(given.every((one) => /^[1-9]\d*$/.test(one))).toBe(true)
      expect(given).not.toEqual(originals.map(String))
    }
  })

  it('has the form of the original, is the same every time, and another under another key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 80 }), (original) => {
        fc.pre(shapeOf(original).places.filter((place) => typeof place !== 'string').length >= 8)
        const word = pseudonyms.ofWord(original)
        expect([...word]).toHaveLength([...original].length)
        // A number that passes for a card number is the one thing whose form must not last.
        expect(shapeOf(word).signature).toBe(shapeOf(original).signature)
        expect(word).not.toBe(original)
        expect(createPseudonyms(key).ofWord(original)).toBe(word)
        expect(other.ofWord(original)).not.toBe(word)
      }),
      { numRuns: 60 },
    )
  })

  it('means the same with and without zeros in front, with a sign before it and as a part of a path', () => {
    const number = pseudonyms.of('1001')
    expect(pseudonyms.of('001001')).toBe(`00${number}`)
    expect(pseudonyms.of('#1001')).toBe(`#${number}`)
    expect(pseudonyms.of('gid://shopify/Order/1001')).toBe(`gid://shopify/Order/${number}`)
    expect(pseudonyms.of('order/1001')).toMatch(new RegExp(`^[a-z]{5}/${number}$`))
    expect(pseudonyms.of('0000')).toBe('0000')
  })

  it('of a sentence is no word-by-word cipher', () => {
    const words = pseudonyms.of('Jane Doe').split(' ')
    expect(pseudonyms.of('Doe Jane').split(' ')).not.toEqual(words.toReversed())
  })

  it('of an address reaches nobody', () => {
    expect(pseudonyms.of('jane.doe@shop.example.org')).toMatch(/^[a-z]{4}\.[a-z]{3}@example\.com$/)
    expect(pseudonyms.of('https://receipts.example.org/r/AB12?mail=jane')).toMatch(/^https:\/\/example\.com\//)
    expect(pseudonyms.of('203.0.113.7')).toMatch(/^192\.0\.2\.\d+$/)
    expect(pseudonyms.of('2001:db8:1::7')).toMatch(/^2001:db8::[0-9a-f]{4}$/)
    expect(pseudonyms.of('ask jane@example.org for it')).not.toContain('@')
    expect(pseudonyms.of('1980-05-17')).toBe('1970-01-01')
    expect(phonePseudonym('+49 170 1234567', pseudonyms.ofWord)).toMatch(/^\+00 0\d\d \d{7}$/)
  })

  it('keeps the mask of a card number, and never passes for one', () => {
    expect(pseudonyms.of('XXXX-XXXX-XXXX-4242')).toMatch(/^XXXX-XXXX-XXXX-\d{4}$/)
    expect(pseudonyms.of('************4242')).toMatch(/^\*{12}\d{4}$/)
    fc.assert(
      fc.property(fc.stringMatching(/^4\d{15}$/), (number) => {
        expect(passesLuhn(pseudonyms.of(number))).toBe(false)
      }),
    )
  })
})

describe('the number of an article', () => {
  it('keeps its length, its prefix and the sense of its check digit', () => {
    fc.assert(
      fc.property(fc.constantFrom(8, 12, 13, 14), fc.stringMatching(/^\d{14}$/), (length, digits) => {
        const original = digits.slice(0, length)
        fc.pre(/[1-9]/.test(original))
        const given = articlePseudonym(original, pseudonyms.ofWord)
        expect(given).toHaveLength(length)
        expect(hasValidCheckDigit(given)).toBe(hasValidCheckDigit(original))
        expect(given[0]).toBe(original[0])
      }),
    )
    expect(articlePseudonym('4006381333931', pseudonyms.ofWord)).not.toBe('4006381333931')
    expect(articlePseudonym('IPOD-2008', pseudonyms.ofWord)).toMatch(/^[A-Z]{4}-[1-9]\d{3}$/)
  })

  it('of a store is another valid one', () => {
    const given = locationNumberPseudonym('4012345000009', pseudonyms.ofWord)
    expect(hasValidCheckDigit(given)).toBe(true)
    expect(given).not.toContain('401234')
  })
})

it('days are shifted over ends of months and leap days, and what is no day stays', () => {
  expect(shiftDate('2024-02-28T23:30:00+01:00', 2)).toBe('2024-03-01T23:30:00+01:00')
  expect(shiftDate('2026-01-01', -7)).toBe('2025-12-25')
  expect(shiftDate('2026-02-30', 7)).toBe('2026-02-30')
  expect(shiftDate('11:04:05', 7)).toBe('11:04:05')
})

it('a short key is refused', () => {
  expect(() => deriveKey('fifteen letters')).toThrow(expect.objectContaining({ code: 'anonymise-key-too-short' }))
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

function passesLuhn(digits: string): boolean {
  const weighted = [...digits].reverse().map((digit, index) => Number(digit) * (1 + (index % 2)))
  return weighted.reduce((sum, one) => sum + (one > 9 ? one - 9 : one), 0) % 10 === 0
}
