import { expect, it } from 'vitest'
import type { Element } from './element.ts'
import { keepVendorElements } from './vendor-elements.ts'

const leaf = (name: string, text: string): Element => ({ name, text, children: [], attributes: undefined })
const tree = (name: string, ...children: Element[]): Element => ({ name, text: '', children, attributes: undefined })

function kept(...children: Element[]): Record<string, unknown> | undefined {
  const extended: { extensions?: Record<string, unknown> } = {}
  keepVendorElements(tree('Sale', ...children), extended)
  return extended.extensions
}

it('keeps figures and words of vendors by their names, also inside one another', () => {
  const inner = tree('v:Till', leaf('v:Drawer', 'B'), tree('v:A', tree('v:B', leaf('v:C', 'too deep'))))
  expect(kept(leaf('v:Shelf', ' A-7 '), leaf('Quantity', '1'), inner)).toEqual({
    'v:Shelf': 'A-7',
    'v:Till/v:Drawer': 'B',
  })
})

it('keeps the first of several, and no more than 32', () => {
  expect(kept(leaf('v:A', '1'), leaf('v:A', '2'))).toEqual({ 'v:A': '1' })
  expect(Object.keys(kept(...Array.from({ length: 50 }, (_, at) => leaf(`v:N${at}`, '1'))) ?? {})).toHaveLength(32)
})

it('leaves free text where it is', () => {
  expect(kept(leaf('v:Shelf', 'next to Mr. Smith'), leaf('v:Long', 'x'.repeat(65)))).toBeUndefined()
})

it.each([
  'OwnerName', 'firstname', 'Vorname', 'EMail', 'Telephone', 'Tel', 'HomeAddress', 'BirthDate', 'DOB', 'NationalID', 'SSN',
  'Kundennummer', 'CustomerExternalId', 'AccountNumber', 'EPAN', 'MaskedPAN', 'Pan', 'PIN', 'CardId', 'Track2', 'Signature',
  'HouseholdID', 'MembershipID', 'Age', 'pan',
])('leaves %s in the raw bytes', (name) => {
  expect(kept(leaf(`v:${name}`, '4711'), tree(`v:${name}`, leaf('v:Inner', '4711')))).toBeUndefined()
}) // biome-ignore format: a list reads better as a block

it.each(['OperatorSequence', 'CompanyCode', 'Percentage', 'ReportCode', 'Spinning', 'ItemCount'])(
  'keeps %s',
  (name) => {
    expect(kept(leaf(`v:${name}`, '4711'))).toEqual({ [`v:${name}`]: '4711' })
  },
)

it.each(['4111111111111111', '4111-1111-1111-1111', '+491701234567'])('takes %s for a card or a telephone', (text) => {
  expect(kept(leaf('v:Number', text))).toBeUndefined()
})
