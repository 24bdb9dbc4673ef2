import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateTransaction } from '../contract/transaction-schema.ts'
import { makeSale } from '../testing/receipts.ts'
import { referPersonalData, referPersonalText } from './refer-personal-data.ts'
import { createReferences } from './references.ts'

const refer = createReferences(createSecretKey(Buffer.alloc(32, 7)))

const secrets = [
  'C-100-2000',
  'L-77',
  'tok_55',
  'VAT-EX-1',
  'ACC-9',
  'mo@example.org',
  'Moritz',
  '+49 30 1234',
  '1990-01-02',
]

function makePersonalSale() {
  const [sale, tender] = makeSale(1).lines
  if (sale?.lineType !== 'SALE' || tender?.lineType !== 'TENDER') return expect.unreachable()
  return makeSale(1, {
    customerId: 'C-100-2000',
    loyaltyAccountId: 'L-77',
    operatorId: '12',
    lines: [
      {
        ...sale,
        description: 'engraved for mo@example.org',
        taxes: (sale.taxes ?? []).map((tax) => ({ ...tax, exempt: { reason: 'diplomat', certificate: 'VAT-EX-1' } })),
        extensions: { 'acme:note': 'for C-100-2000', 'acme:StoreName': 'Mitte' },
      },
      { ...tender, card: { brand: 'VISA', last4: '1111', token: 'tok_55' } },
      { lineNumber: 3, lineType: 'LOYALTY', accountId: 'L-77', pointsEarned: '5' },
      { lineNumber: 4, lineType: 'PAYMENT_ON_ACCOUNT', amount: '0', reference: 'ACC-9' },
      { lineNumber: 5, lineType: 'GIFT_CARD', amount: '0', reference: '****1234' },
    ],
    extensions: {
      'acme:customer': { FirstName: 'Moritz', birthDate: '1990-01-02', phones: [{ phoneNumber: '+49 30 1234' }] },
      'acme:loyaltyId': 'L-77',
      'acme:ItemName': 'Ring',
    },
  })
}

describe('personal data as references', () => {
  const document = {
    transaction: makePersonalSale(),
    findings: [{ check: 'X', message: 'customer C-100-2000 is new' }],
  }
  const referred = referPersonalData(document, refer)

  it('leaves nothing of a person in clear', () => {
    const text = JSON.stringify(referred)
    for (const secret of secrets) expect(text).not.toContain(secret)
  })

  it('keeps everything else, and is still a transaction', () => {
    const { transaction } = referred
    expect(validateTransaction(structuredClone(transaction))).toMatchObject({ valid: true })
    expect(transaction.operatorId).toBe('12')
    expect(transaction.extensions?.['acme:ItemName']).toBe('Ring')
    expect(transaction.lines[0]?.extensions?.['acme:StoreName']).toBe('Mitte')
    expect(transaction.lines[4]).toEqual(document.transaction.lines[4])
    expect(transaction.totals).toEqual(document.transaction.totals)
  })

  it('says the same of the same person everywhere, and tells customers from loyalty accounts', () => {
    const { transaction, findings } = referred
    expect(transaction.customerId).toBe(refer('customer', 'C-100-2000'))
    expect(findings[0]?.message).toBe(`customer ${transaction.customerId} is new`)
    expect(transaction.lines[2]).toMatchObject({ accountId: transaction.loyaltyAccountId })
    expect(transaction.extensions?.['acme:loyaltyId']).toBe(transaction.loyaltyAccountId)
    expect(refer('customer', '7')).not.toBe(refer('loyalty', '7'))
    expect(createReferences(createSecretKey(Buffer.alloc(32, 8)))('customer', '7')).not.toBe(refer('customer', '7'))
  })

  it('does not change what was given to it, nor a document without people', () => {
    expect(document.transaction).toEqual(makePersonalSale())
    const plain = { transaction: makeSale(1), findings: [] }
    expect(referPersonalData(plain, refer)).toEqual(plain)
  })

  it('leaves a text as it is, to the byte, where nobody is in it, and says the same as the document otherwise', () => {
    const plain = `{ "transaction": ${JSON.stringify(makeSale(1))},\n "findings": [] }`
    expect(referPersonalText(plain, refer)).toBe(plain)
    expect(JSON.parse(referPersonalText(JSON.stringify(document), refer))).toEqual(referred)
    const keys = fc.constantFrom('customerId', 'reason', 'extensions', 'lineType', 'reference', 'token', 'email', 'a')
    const leaves = fc.constantFrom('PAYMENT_ON_ACCOUNT', 'C-100-2000', 'a@example.org', '1', 7, null)
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaves,
        fc.dictionary(keys, tie('value')),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }))
    fc.assert(
      fc.property(value, (any) => {
        const text = referPersonalText(JSON.stringify(any), refer)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(referPersonalData(any, refer))))
      }),
    )
  })

  it('changes nothing the second time, to the byte: neither a receipt nor anything that could be in one', () => {
    const isStable = (text: string) => {
      const once = referPersonalText(text, refer)
      expect(referPersonalText(once, refer)).toBe(once)
    }
    isStable(JSON.stringify(document, null, 1))
    const names = [
      'customerId',
      'loyaltyAccountId',
      'accountId',
      'token',
      'certificate',
      'reference',
      'lineType',
      'FirstName',
      'n1',
    ]
    const name = fc.constantFrom(...names, 'reason', 'description', 'message', 'extensions', '7', 'x@y.de')
    const given = fc.constantFrom(
      'PAYMENT_ON_ACCOUNT',
      'C-100-2000',
      'ref_',
      'a@b.de',
      'a@b.de@c.fr',
      '@',
      refer('card', '1'),
    )
    const text = fc
      .array(fc.oneof(given, fc.string({ maxLength: 4 })), { maxLength: 4 })
      .map((parts) => parts.join(' '))
    const joined = fc.array(given, { maxLength: 3 }).map((parts) => parts.join(''))
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(given, text, joined, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
        fc.dictionary(name, tie('value'), { maxKeys: 6 }),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
    }))
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1), (any, indent) => isStable(JSON.stringify(any, null, indent))),
      { numRuns: 2_000 },
    )
  })

  it('never takes an amount or a code for a person of the same number', () => {
    const sale = makeSale(1, { customerId: '5.00', loyaltyAccountId: '4711' })
    const { transaction } = referPersonalData({ transaction: sale }, refer)
    expect(transaction.totals).toEqual(sale.totals)
    expect(transaction.lines).toEqual(sale.lines)
  })

  it('finds an address of mail and a known number wherever it stands', () => {
    const name = fc.stringMatching(/^[a-z]{1,9}$/)
    const place = fc.constantFrom('description', 'extensions', 'reason')
    fc.assert(
      fc.property(name, fc.array(place, { minLength: 1, maxLength: 4 }), fc.string(), (mailbox, path, before) => {
        const text = `${before} ${mailbox}@example.org C-100-2000`
        const nested = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), text)
        const told = JSON.stringify(referPersonalData({ customerId: 'C-100-2000', nested }, refer))
        expect(told).not.toContain(`${mailbox}@example.org`)
        expect(told).not.toContain('C-100-2000')
      }),
    )
  })
})
