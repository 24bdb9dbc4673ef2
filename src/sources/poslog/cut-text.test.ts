import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cutText } from './cut-text.ts'

it('leaves a beginning of the text that can be stored, and never half a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('x', 'å', '€', '🥪') }),
      fc.integer({ min: 1, max: 20 }),
      (text, charactersMax) => {
        const cut = cutText(text, charactersMax)
        expect(text.startsWith(cut)).toBe(true)
        expect(cut.isWellFormed()).toBe(true)
        expect(cut.length).toBeGreaterThanOrEqual(Math.min(text.length, charactersMax - 1))
        expect(cut.length).toBeLessThanOrEqual(charactersMax)
      },
    ),
  )
})
