import { describe, expect, it } from 'vitest'
import { maskCardNumbers } from './mask-card-numbers.ts'
import { refuseSensitiveAuthenticationData } from './sensitive-data.ts'

describe('masking', () => {
  it('takes time in proportion to the text, whatever is in it', () => {
    for (const text of [
      '"cardhash":"',
      '<panhash ',
      ' hashofcard',
      '4',
      '4 ',
      '4111 ',
      '\\u0034',
      '&#52;',
      '0',
      ' ',
      'MDEx',
      '"a":[',
      '<a ',
    ]) {
      const long = text.repeat(200_000)
      expect(maskCardNumbers(long).text.length).toBe(long.length)
    }
  })
})

describe('sensitive authentication data', () => {
  it('takes time in proportion to the text, whatever is in it', () => {
    for (const text of [
      '"',
      '<a ',
      '"a',
      'cvv":',
      '"cvv',
      '<cvv ',
      'B4111111111111',
      '4',
      '^11',
      ' cid=',
      '"securityCode":"123"',
    ]) {
      expect(() => refuseSensitiveAuthenticationData(`${text.repeat(50_000)}cvv`)).not.toThrow()
    }
  })
})
