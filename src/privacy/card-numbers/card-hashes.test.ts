import { describe, expect, it } from 'vitest'
import { maskCardNumbers } from './mask-card-numbers.ts'

const sha256 = '9b74c9897bac770ffc029102a200c5de9b74c9897bac770ffc029102a200c5de'

describe('a hash of a card number', () => {
  it.each([
    `{"card": {"first6": "411111", "last4": "1111", "panHash": "${sha256}"}}`,
    `{"card_number_sha256":"${sha256}","masked":"411111XXXXXX1111"}`,
    `{"hashed_pan": "${sha256}"}`,
    `<Tender><CardNumberHash>${sha256}</CardNumberHash></Tender>`,
    `<Tender PanHash="${sha256}"/>`,
    '{"hashOfCardNumber":"m3TJiXusdw/8ApECogDF3pt0yYl7rHcP/AKRAqIAxd4="}',
  ])('goes, and the text keeps its length: %s', (text) => {
    const masked = maskCardNumbers(text)
    expect(masked.maskedCount).toBe(1)
    expect(masked.text).toHaveLength(text.length)
    expect(masked.text).toMatch(/X{40,}/)
    expect(maskCardNumbers(masked.text)).toEqual({ text: masked.text, maskedCount: 0 })
  })

  it.each([
    `{"signature":"${sha256}"}`,
    `{"contentHash":"${sha256}"}`,
    `{"cardholder":"hash","discardedSha":"${sha256}"}`,
    '{"cardHash":"short"}',
  ])('is nothing else: %s', (text) => {
    expect(maskCardNumbers(text)).toEqual({ text, maskedCount: 0 })
  })
})
