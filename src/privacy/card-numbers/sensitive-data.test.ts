import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { maskCardNumbers } from './mask-card-numbers.ts'
import { refuseSensitiveAuthenticationData } from './sensitive-data.ts'

const refused: [string, string][] = [
  ['track 1', '%B4111111111111111^MUSTERMANN/ERIKA^27121011000000000?'],
  ['track 2', ';4111111111111111=27121011000012345678?'],
  ['track 2 in a note', '{"note":"gelesen 4111111111111111=27121011000012345678"}'],
  ['track 2 in chip form', '<Data>4111111111111111D27121011000012345678F</Data>'],
  ['track 2 with an escaped separator', '{"note":"4111111111111111\\u003d2712101100001"}'],
  ['track 2 of a card of thirteen digits', ';4000000000006=27121011000012345678?'],
  ['a track field', '{"track2Data":"xA4F1 000012345678"}'],
  ['a magnetic stripe', '<acs:MagStripeData>B0012345678</acs:MagStripeData>'],
  ['cvv', '{"card":{"cvv":"123"}}'],
  ['cvv as a number', '{"cvv": 123}'],
  ['CVV2 with a prefix', '{"payment_card_cvv2":"1234"}'],
  ['cvc in XML', '<CVC>123</CVC>'],
  ['cvc with a namespace and attributes', '<acs:CardCVC2 source="keyed"> 123 </acs:CardCVC2>'],
  ['cvv as an attribute', '<Card Type="Visa" CVV="123"/>'],
  ['cvv inside a JSON string', '{"raw":"{\\"cvv\\":\\"123\\"}"}'],
  ['cid beside a card', '{"cardNumber":"411111XXXXXX1111","cid":"1234"}'],
  ['security code beside an expiry date', '<ExpirationDate>1227</ExpirationDate><SecurityCode>123</SecurityCode>'],
  ['card security code', '{"cardSecurityCode":"123"}'],
  ['cav2 in capitals', '<CAV2>123</CAV2>'],
  ['csc beside a card', '{"CARD_CSC":"123"}'],
  ['verification data', '{"card_verification_data":"123"}'],
  ['a verification value beside a card', '{"card":{"Verification-Value":"123"}}'],
  ['a magnetic stripe in words', '{"MAGNETIC_STRIPE":"x 12345678"}'],
  ['a numbered track', '{"TRACK_3":"12345678"}'],
  ['PIN data', '<Pin_Data>0412AC89ABCDEF67</Pin_Data>'],
  ['a PIN block', '{"pinBlock":"0412AC89ABCDEF67"}'],
  ['an encrypted PIN block in XML', '<EncryptedPINBlock>0412AC89ABCDEF67</EncryptedPINBlock>'],
]

const accepted: [string, string][] = [
  ['the result of a check', '{"card":{"cvvResult":"M","cvc_check":"pass","cvv2ResponseCode":"000"}}'],
  ['an empty or masked security code', '{"cvv":"","cvc":"***"}<CVV></CVV> 123 <CVV>XXX</CVV>'],
  ['a cash drawer and a customer of that name', '{"cid":"123","csc":"4711","customer":"7"}'],
  ['the code of a voucher', '{"voucher":"A1","securityCode":"1234"}'],
  ['a word that ends so', '{"acid":"123","cardboardSku":"1"}'],
  ['the PIN of a gift card', '{"pin":"1234","pinRequired":true}'],
  ['a parcel', '{"trackingNumber":"00340434161094042557","track":"2"}'],
  ['a query', 'https://example.test/?id=4111111111111112=27121011000'],
  ['a query with a card-like number and a short value', '?receipt=4111111111111111=271'],
  ['a masked card', '{"card":{"last4":"1111","expiryDate":"2712","entryMode":"CHIP"}}'],
  ['circumflexes', 'a ^12 b ^ 27'],
]

describe('sensitive authentication data', () => {
  it.each(refused)('refuses %s, before and after masking, and does not repeat it', (_, text) => {
    for (const form of [text, maskCardNumbers(text).text]) {
      try {
        refuseSensitiveAuthenticationData(form)
        expect.unreachable()
      } catch (error) {
        expect(error).toMatchObject({ code: 'sensitive-authentication-data' })
        expect(String(error)).not.toMatch(/\d/)
      }
    }
  })

  it.each(accepted)('lets %s pass', (_, text) => {
    expect(() => refuseSensitiveAuthenticationData(text)).not.toThrow()
  })

  const samples = new URL('../../../../shared/samples/', import.meta.url)
  it
    .skipIf(!existsSync(samples))
    .each([
      'poslog/ncr-acs/POSLog.xml',
      'poslog/digital-receipt/swe-standard-dr-sample-1.xml',
      'poslog/digital-receipt/swe-standard-dr-sale.xml',
      'shopify/order.json',
      'shopify/transaction.json',
      'fiscal-de/ft_de_03_single-purpose-redemption.json',
    ])('is not seen in %s', (name) => {
    expect(() => refuseSensitiveAuthenticationData(readFileSync(new URL(name, samples), 'utf8'))).not.toThrow()
  })
})
