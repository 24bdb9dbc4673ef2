import { describe, expect, it } from 'vitest'
import { deriveKey } from '../src/anonymise/anonymise-key.ts'
import { createPseudonyms } from '../src/anonymise/pseudonyms.ts'
import { replaceValue } from '../src/anonymise/replace-value.ts'
import { rulesOf } from '../src/anonymise/rules/index.ts'
import { taxNamePseudonym } from '../src/anonymise/tax-names.ts'
import { numberAt } from '../src/sources/shopify/amounts.ts'
import { readRate } from '../src/sources/shopify/taxes.ts'
import { tenderTypeOf } from '../src/sources/shopify/tender-types.ts'
import * as square from '../src/sources/square/words.ts'

/** What a vendor's reader knows by its word must still be known after the word was anonymised, and nothing more. */

const pseudonyms = createPseudonyms(deriveKey('a key for the tests'))

function given(value: string, source: string, member: string): string {
  const [name = '', parent = ''] = member.split('.').reverse()
  return replaceValue(value, name, rulesOf(source).kindOf(name, parent), { pseudonyms, shiftDays: 0, items: 'keep' })
    .text
}

describe.each<[string, Readonly<Record<string, unknown>>]>([
  ['payments.source_type', square.sourceTypes],
  ['refunds.destination_type', square.sourceTypes],
  ['external_details.type', square.externalTypes],
  ['tenders.type', square.orderTenderTypes],
  ['card_details.entry_method', square.cardEntryMethods],
  ['application_details.square_product', square.channels],
  ...['physical_count.state', 'adjustment.from_state', 'adjustment.to_state', 'transfer.state', 'counts.state'].map(
    (member): [string, object] => [member, square.stockStates],
  ),
  ['changes.type', { PHYSICAL_COUNT: true, ADJUSTMENT: true, TRANSFER: true }],
  ['card.card_brand', { [square.giftCardBrand]: true }],
  ['service_charges.treatment_type', { APPORTIONED_TREATMENT: true, LINE_ITEM_TREATMENT: true }],
  ...['generic', 'weight', 'volume', 'length', 'area', 'time'].map((kind): [string, object] => [
    `measurement_unit.${kind}_unit`,
    square.units,
  ]),
] as [string, Readonly<Record<string, unknown>>][])('%s of Square', (member, words) => {
  it('keeps every word that its reader knows', () => {
    const known = Object.keys(words)
    expect(known.map((word) => given(word, 'square', member))).toEqual(known)
  })
})

it.each([
  'cash',
  'Gift Card',
  'store credit',
  'Shopify Store Credit',
  'exchange-credit',
  'Money Order',
  'American Express',
  'credit_card',
  'Apple Pay',
  'Shop Pay',
  'authorize.net',
  'Bank Deposit',
  'Jane Whitfield',
])(/* biome-ignore format: a list reads better as a block */ 'takes %s for the same means of payment', (gateway) => {
  for (const member of ['transactions.gateway', 'tender_transactions.payment_method'])
    expect(tenderTypeOf(given(gateway, 'shopify', member))).toBe(tenderTypeOf(gateway))
})

it.each([
  ['VAT', 'VAT'],
  ['MwSt 19%', 'MwSt \\d\\d%'],
  ['State Tax', '[A-Z][a-z]{4} Tax'],
  ['Whitfield County Tax', '[A-Z][a-z]{8} [A-Z][a-z]{5} Tax'],
  ['CA GST/HST', '[A-Z]{2} GST/HST'],
  ['Québec TVQ (9.975%)', '[A-Z][a-z][à-þ][a-z]{3} TVQ \\(\\d\\.\\d{3}%\\)'],
  ['Vatican fund', '[A-Z][a-z]{6} [a-z]{4}'],
  ['', ''],
])('keeps of a tax that is called "%s" its kind and nothing else', (title, form) => {
  const pseudonym = given(title, 'shopify', 'tax_lines.title')
  expect(pseudonym).toMatch(new RegExp(`^${form}$`))
  expect(pseudonym).not.toMatch(/Whitfield|State|bec|Vatican/)
  expect(readRate({ title: pseudonym }).taxType).toBe(readRate({ title }).taxType)
})

it('walks on where chance would make another kind of tax of a title, and keeps titles apart', () => {
  const next: Record<string, string> = { FOO: 'VAT', VAT: 'Gst', Gst: 'BAR', BAR: 'FOO' }
  const titles = ['FOO', 'BAR', 'VAT'].map((title) => taxNamePseudonym(title, (text) => next[text] ?? text))
  expect(titles).toEqual(['BAR', 'FOO', 'VAT'])
})

it('does not walk for ever in a text that is no name of a tax', () => {
  let walks = 0
  const always = () => {
    walks += 1
    return 'VAT'
  }
  expect(taxNamePseudonym('FOO', always)).toBe('VAT')
  expect(walks).toBeLessThan(100)
})

it.each(['amount', 'amount_in', 'amount_out', 'amount_rounding', 'original_total_additional_fees'])(
  'keeps %s of Shopify, however a program writes it',
  (name) => {
    for (const text of ['50.00', '-4', '143.97000000000003', '0.30000000000000004', '29.999999999999996', '1.2e2']) {
      expect(given(text, 'shopify', name)).toBe(text)
      expect(numberAt({ [name]: text }, name)).toBeDefined()
    }
    expect(given('0.4917012345678123', 'shopify', name)).not.toContain('17012345678')
  },
)

it.each([
  ['Refund discrepancy', true],
  ['Pending refund discrepancy', true],
  ['Shipping refund', true],
  ['Jane was unhappy', false],
])('of reasons of an adjustment keeps "%s": %s', (reason, isKept) => {
  expect(given(reason, 'shopify', 'order_adjustments.reason') === reason).toBe(isKept)
})
