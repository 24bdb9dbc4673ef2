import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  absolute,
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  multiply,
  negate,
  parseDecimal,
  roundTo,
  subtract,
  sum,
  zero,
} from './decimal.ts'

const decimals = fc.record({
  unscaled: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
  scale: fc.integer({ min: 0, max: 6 }),
})
const same = (left: Decimal, right: Decimal) => compare(left, right) === 0

describe('decimals', () => {
  it('add in any order and grouping', () => {
    fc.assert(
      fc.property(
        decimals,
        decimals,
        decimals,
        (a, b, c) => same(add(a, b), add(b, a)) && same(add(add(a, b), c), add(a, add(b, c))),
      ),
    )
  })
  it('subtract what was added, and multiply over sums', () => {
    fc.assert(
      fc.property(
        decimals,
        decimals,
        decimals,
        (a, b, c) =>
          same(subtract(add(a, b), b), a) && same(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c))),
      ),
    )
  })
  it('are read as they were written', () => {
    fc.assert(fc.property(decimals, (a) => same(decimal(formatDecimal(a)), a)))
  })
  it('round alike on both sides of zero', () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: 0, max: 4 }), (a, scale) =>
        same(roundTo(negate(a), scale), negate(roundTo(a, scale))),
      ),
    )
  })
  it('round to the nearest, within half a unit', () => {
    fc.assert(
      fc.property(
        decimals,
        fc.integer({ min: 0, max: 4 }),
        (a, scale) => compare(absolute(subtract(roundTo(a, scale), a)), { unscaled: 5n, scale: scale + 1 }) <= 0,
      ),
    )
  })
  it('divide so that multiplying leads back, within the rounding', () => {
    const divisors = decimals.filter((one) => one.unscaled !== 0n)
    fc.assert(
      fc.property(decimals, divisors, (a, b) => {
        const error = absolute(subtract(multiply(divide(a, b, 6), b), a))
        return compare(error, multiply(absolute(b), { unscaled: 5n, scale: 7 })) <= 0
      }),
    )
  })
  it.each([
    ['2.5', 'HALF_UP', '3'],
    ['2.5', 'HALF_EVEN', '2'],
    ['3.5', 'HALF_EVEN', '4'],
    ['-2.5', 'HALF_UP', '-3'],
    ['2.1', 'UP', '3'],
    ['2.9', 'DOWN', '2'],
  ] as const)('%s rounded %s is %s', (text, mode, expected) => {
    expect(formatDecimal(roundTo(decimal(text), 0, mode))).toBe(expected)
  })
  it('refuse what is not plain decimal text', () => {
    for (const text of ['', '1e2', '1,5', 'NaN', '0x1', ' 1', '1 ', '--1', '.5'])
      expect(parseDecimal(text)).toBeUndefined()
    expect(() => divide(decimal('1'), zero, 2)).toThrow(RangeError)
  })
  it('are read alike whether they are short or long', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[-+]?\d{0,10}\.?\d{0,4}$/), (text) => {
        const padded = text.replace(/^([-+]?)(\d)/, `$1${'0'.repeat(16)}$2`)
        if (padded !== text) expect(parseDecimal(text)).toEqual(parseDecimal(padded))
      }),
    )
  })
  it('keep the decimals a currency wants', () => {
    expect([
      formatDecimal(decimal('1.50')),
      formatDecimal(decimal('1.5'), 2),
      formatDecimal(decimal('-0.05')),
      formatDecimal(sum([])),
    ]).toEqual(['1.5', '1.50', '-0.05', '0'])
  })
})
