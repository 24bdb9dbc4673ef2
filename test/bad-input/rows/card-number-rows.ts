import { createHash } from 'node:crypto'
import { type Row, sale, visa, withLine } from '../row.ts'

/** As somebody who thinks it harmless would make it. */
export const hashOfCard = createHash('sha256').update(visa).digest('hex')

/** What must never be kept: card numbers and what belongs to them. */
export const cardNumberRows: readonly Row[] = [
  {
    row: 30,
    name: 'a card number in a text',
    body: withLine({ description: `paid with ${visa}` }),
    status: 201,
    kept: 'recorded',
    finding: 'PAN',
  },
  {
    row: 31,
    name: 'a CVV',
    body: sale({ cvv: '123' }),
    status: 422,
    code: 'sensitive-authentication-data',
    kept: 'nothing',
  },
  {
    row: 32,
    name: 'a card number in full-width digits',
    body: withLine({ description: [...visa].map((d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)).join('') }),
    status: 201,
    kept: 'recorded',
    finding: 'PAN',
  },
  {
    row: 33,
    name: 'the hash of a card number beside its first and last digits',
    body: sale({ extensions: { 'acme:card': { first6: '411111', last4: '1111', panSha256: hashOfCard } } }),
    status: 201,
    kept: 'recorded',
    finding: 'PAN',
  },
]
