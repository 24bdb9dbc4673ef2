import { describe, expect, it } from 'vitest'
import { changeFaults, createDice, isPoisoned, noFaults } from './faults.ts'

const references = Array.from({ length: 10_000 }, (_, at) => `till:9/3/-/${at}`)

describe('faults', () => {
  it('refuse the same share of references in every run', () => {
    const faults = { ...noFaults, poisonRate: 0.01 }
    const poisoned = references.filter((reference) => isPoisoned(faults, reference))
    expect(poisoned.length).toBeGreaterThan(60)
    expect(poisoned.length).toBeLessThan(140)
    expect(references.filter((reference) => isPoisoned(faults, reference))).toEqual(poisoned)
    expect(references.some((reference) => isPoisoned(noFaults, reference))).toBe(false)
    expect(isPoisoned({ ...noFaults, poison: ['till:9/3/-/7'] }, 'till:9/3/-/7')).toBe(true)
  })

  it('fall as often as their rate says, and the same way with the same seed', () => {
    const roll = () => {
      const dice = createDice(7)
      return references.map(() => dice(0.2))
    }
    const first = roll()
    expect(roll()).toEqual(first)
    const share = first.filter(Boolean).length / first.length
    expect(Math.abs(share - 0.2)).toBeLessThan(0.02)
    const dice = createDice(1)
    expect(references.some(() => dice(0))).toBe(false)
    expect(references.every(() => dice(1))).toBe(true)
  })

  it.each([
    [{ errorRate: 1.1 }],
    [{ errorRate: -0.1 }],
    [{ errorRate: '1' }],
    [{ errorStatus: 200 }],
    [{ brokenAnswer: 'polite' }],
    [{ poison: [1] }],
    [{ eroRate: 1 }],
    [[]],
    [null],
  ])('are not changed by %j', (changes) => {
    expect(() => changeFaults(noFaults, changes)).toThrow(TypeError)
  })
})
