import { expect, it } from 'vitest'
import { readRate } from './taxes.ts'

it.each([
  ['MwSt', 'VAT'],
  ['ÁFA', 'VAT'],
  ['ΦΠΑ 24%', 'VAT'],
  ['TVA (incl.)', 'VAT'],
  ['Canada GST/TPS', 'GST'],
  ['TVQ', 'PST'],
  ['Ontario HST', 'HST'],
  ['State Tax', 'SALES'],
  ['Private', 'SALES'],
])('takes a tax that is called %s for %s', (title, taxType) => {
  expect(readRate({ title, rate: '0.2' })).toEqual({ taxAuthority: title, taxType, ratePercent: '20' })
})
