import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findDoubled, findInversions, findMissing, placeOf, quantile } from './checker.ts'
import { makeFigure } from './figure.ts'

describe('the checker', () => {
  it('finds what is there more than once, and names it once', () => {
    expect(findDoubled(['a', 'b', 'a', 'a'])).toEqual(['a'])
    expect(findDoubled(['a', 'b'])).toEqual([])
  })

  it('finds every single one that is taken away, and nothing else', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(), (all, pick) => {
        const gone = all[pick % all.length] ?? ''
        const rest = all.filter((one) => one !== gone)
        expect(findMissing(all, rest)).toEqual([gone])
        expect(findMissing(all, all)).toEqual([])
        expect(findMissing(rest, all)).toEqual([])
      }),
    )
  })

  it('finds what comes after something later of its key, and not what is repeated or of another key', () => {
    const at = (key: string, place: number) => ({ key, place })
    expect(findInversions([at('a', 1), at('b', 1), at('a', 2), at('a', 2), at('b', 5)])).toEqual([])
    expect(findInversions([at('a', 1), at('a', 3), at('b', 2), at('a', 2)])).toEqual([at('a', 2)])
    expect(findInversions([at('a', 3), at('a', 1), at('a', 2)])).toEqual([at('a', 1), at('a', 2)])
  })

  it('sees any two neighbours of a key that are swapped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 50 }), fc.nat(), (length, pick) => {
        const places = Array.from({ length }, (_, place) => ({ key: 'till', place }))
        const at = pick % (length - 1)
        const swapped = [...places.slice(0, at), ...places.slice(at, at + 2).reverse(), ...places.slice(at + 2)]
        expect(findInversions(places)).toEqual([])
        expect(findInversions(swapped)).toHaveLength(1)
      }),
    )
  })

  it('reads key and number of a transaction key', () => {
    expect(placeOf('till:9/3/-/160')).toEqual({ key: 'till:9/3/-', place: 160 })
  })

  it('takes quantiles', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2)
    expect(quantile([], 0.5)).toBe(0)
  })
})

describe('a figure', () => {
  it('is broken by each condition that holds, and blind where nothing was tried', () => {
    const figure = makeFigure({ runs: 1, text: '', broken: { lost: true, doubled: false }, blind: { calm: false } })
    expect([figure.broken, figure.blind]).toEqual([['lost'], []])
    expect(makeFigure({ runs: 0, text: '', broken: {} }).blind).toEqual(['nothing was tried'])
  })
})
