import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCardNumbers } from './mask-card-numbers.ts'
import { createSeededNumbers, makeCardNumber } from './seeded-numbers.ts'

describe('masking', () => {
  it.each([
    ['4111111111111111', '411111XXXXXX1111'],
    ['Karte 4111 1111 1111 1111 gültig', 'Karte 4111 11XX XXXX 1111 gültig'],
    ['3782-822463-10005', '3782-82XXXX-X0005'],
    ['{"pan":4111111111111111}', '{"pan":4111110000001111}'],
    ['{"pan": 4111111111111111\n}', '{"pan": 4111110000001111\n}'],
    ['[4111111111111111, 1]', '[4111110000001111, 1]'],
    ['{"note":"Karte: 4111111111111111, bezahlt"}', '{"note":"Karte: 411111XXXXXX1111, bezahlt"}'],
    ['"4111111111111111","4000000000000002"', '"411111XXXXXX1111","400000XXXXXX0002"'],
    ['４１１１１１１１１１１１１１１１', '４１１１１１XXXXXX１１１１'],
    ['000000004111111111111111', '00000000411111XXXXXX1111'],
    ['\\n4111111111111111', '\\n411111XXXXXX1111'],
    ['\\u00e44111111111111111', '\\u00e4411111XXXXXX1111'],
    ['4111 1111 1111 1111 1227', '4111 11XX XXXX 1111 1227'],
    ['\\uff14111111111111111', '\\uff1411111XXXXXX1111'],
    ['411111111\\u0031111111', '411111XXX\\u0058XX1111'],
    ['411111111&#x31;&#0049;11111', '411111XXX&#x58;&#0088;X1111'],
  ])('%s becomes %s', (text, masked) => {
    expect(maskCardNumbers(text)).toEqual({ text: masked, maskedCount: text.split('","').length })
  })

  it('encodes the masked text again inside base64', () => {
    const encode = (text: string) => Buffer.from(text).toString('base64')
    const text = `{"print":"${encode('Beleg 1\nKarte 4111 1111 1111 1111\nDanke')}"}`
    expect(maskCardNumbers(text).text).toBe(`{"print":"${encode('Beleg 1\nKarte 4111 11XX XXXX 1111\nDanke')}"}`)
  })

  it.each([
    ['thirteen digits', '4000000000006'],
    ['a number that fails Luhn', '4111111111111112'],
    ['a number of no issuer', '1111111111111117'],
    ['a masked number', '411111XXXXXX1111 411111******1111'],
    ['a fraction', '{"latitude":0.4111111111111111}'],
    ['a decimal number of two groups', '{"x":4111.111111111111}'],
    ['a piece of a hash', 'a3f94111111111111111be07'],
    ['a piece of a longer number', '14111111111111111999'],
    ['an account number in groups', 'IBAN DE84 4111 1111 1111 1111 04 BIC'],
    ['two kinds of separators', '4111-1111 1111-1111'],
    ['prices in a row', '{"p":[4.11,1.11,11.11,11.11,11.11,1.11]}'],
    ['a case code in a product field', '{"gtin":"30000000000087"}'],
    ['a receipt number', '<ReceiptNumber>4111111111111111</ReceiptNumber>'],
    ['a transaction id outside quotes', '{"transaction_id": 4111111111111111}'],
    ['serial numbers in an array', '{"serialNumbers":["1","4111111111111111"]}'],
    ['a loyalty number that no bank gave out', '{"loyaltyAccountId":"6011000990139424"}'],
  ])('leaves %s alone', (_, text) => {
    expect(maskCardNumbers(text)).toEqual({ text, maskedCount: 0 })
  })

  it.each([
    ['swiped into the item field', '<POSItemID>4111111111111111</POSItemID>'],
    ['used as the number of a member', '{"loyaltyAccountId":"4111111111111111"}'],
    ['written in groups into a receipt number', '{"receiptNumber":"4111 1111 1111 1111"}'],
    ['only a part of the value of an exempt field', '{"receiptNumber":"4711 card 4111111111111111"}'],
    ['in a field that says card', '{"cardReferenceNumber":"4111111111111111"}'],
    ['next to an exempt field', '{"receiptNumber":"1","note":"4111111111111111"}'],
    ['in an array of another field', '{"serialNumbers":["1"],"notes":["4111111111111111"]}'],
  ])('masks a card number that is %s', (_, text) => {
    expect(maskCardNumbers(text).maskedCount).toBe(1)
  })

  it('keeps a JSON document a JSON document, and masks nothing twice', () => {
    const card = fc.nat().map((seed) => makeCardNumber(createSeededNumbers(seed)))
    const leaf = fc.oneof(
      card,
      card.map(Number),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      card.map((pan) => `x ${pan}, y`),
    )
    const document = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf)))
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const once = maskCardNumbers(text)
        expect(once.text.length).toBe(text.length)
        JSON.parse(once.text)
        expect(maskCardNumbers(once.text).text).toBe(once.text)
      }),
    )
  })
})
