import fc from 'fast-check'
import { expect, it } from 'vitest'
import { spreadEvenly } from './spread-evenly.ts'

it('puts the few far apart among the many', () => {
  expect(spreadEvenly(['A', 'B', 'C'], ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toEqual([...'AabBcdCefg'])
  expect(spreadEvenly(['A', 'B'], ['a'])).toEqual([...'ABa'])
})

it('loses and doubles none, and keeps the order of both', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(100), (fewCount, manyCount) => {
      const few = Array.from({ length: fewCount }, (_, index) => -1 - index)
      const many = Array.from({ length: manyCount }, (_, index) => index)
      const spread = spreadEvenly(few, many)
      expect(spread.filter((one) => one < 0)).toEqual(few)
      expect(spread.filter((one) => one >= 0)).toEqual(many)
    }),
  )
})
