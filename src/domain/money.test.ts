import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { currencyExponent, isNoCurrency, isWithdrawnCurrency } from './currency.ts'
import { decimal, formatDecimal } from './decimal.ts'
import { allocate, fromMinorUnits, roundToCoin, toMinorUnits } from './money.ts'

describe('currencies', () => {
  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['BHD', 3],
    ['CLF', 4],
    ['CHF', 2],
  ] as const)('%s has %i decimals', (code, exponent) => {
    expect(currencyExponent(code)).toBe(exponent)
  })
  it('knows what is no money any more, and what never was', () => {
    expect([
      currencyExponent('DEM'),
      currencyExponent('EUE'),
      currencyExponent('eur'),
      currencyExponent('XXX'),
    ]).toEqual([undefined, undefined, undefined, undefined])
    expect([isWithdrawnCurrency('DEM'), isWithdrawnCurrency('EUR'), isNoCurrency('XXX')]).toEqual([true, false, true])
    const known = Intl.supportedValuesOf('currency')
    expect(known.filter((code) => isWithdrawnCurrency(code) && currencyExponent(code) !== undefined)).toEqual([])
  })
})

describe('money', () => {
  it.each([
    ['22041.88000', 'SEK', { minor: 2_204_188n }],
    ['-1.5', 'EUR', { minor: -150n }],
    ['100', 'JPY', { minor: 100n }],
    ['1.50', 'JPY', { fault: 'currency-scale' }],
    ['1.2345', 'BHD', { fault: 'currency-scale' }],
    ['1,99', 'EUR', { fault: 'not-decimal' }],
    ['1', 'DEM', { fault: 'unknown-currency' }],
    ['10000000000000.01', 'EUR', { fault: 'amount-out-of-range' }],
  ])('%s %s', (amount, currency, expected) => {
    expect(toMinorUnits(amount, currency)).toEqual(expected)
  })
  it('goes to minor units and back', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }),
        fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'),
        (minor, currency) => {
          expect(toMinorUnits(fromMinorUnits(minor, currency), currency)).toEqual({ minor })
        },
      ),
    )
  })
  it('is shared out to the last cent, nobody more than a cent from the fair share', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(fc.bigInt({ min: -1_000_000n, max: 1_000_000n }), weights, (total, parts) => {
        const shares = allocate(total, parts)
        const whole = parts.reduce((a, b) => a + b, 0n)
        expect(shares.reduce((a, b) => a + b, 0n)).toBe(total)
        if (whole === 0n) return
        shares.forEach((share, index) => {
          const distance = share * whole - total * (parts[index] ?? 0n)
          expect(distance < whole && distance > -whole).toBe(true)
        })
      }),
    )
  })
  it('refuses to share by negative weights, and among nobody', () => {
    expect(() => allocate(1n, [1n, -1n])).toThrow(RangeError)
    expect(() => allocate(1n, [])).toThrow(RangeError)
    expect(allocate(0n, [])).toEqual([])
  })
  it.each([
    ['12.42', '0.05', '12.4'],
    ['12.43', '0.05', '12.45'],
    ['22041.88', '1', '22042'],
    ['-0.03', '0.05', '-0.05'],
  ])('%s in coins of %s is %s', (amount, coin, expected) => {
    expect(formatDecimal(roundToCoin(decimal(amount), coin))).toBe(expected)
  })
})
