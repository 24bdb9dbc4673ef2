import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { testStore } from '../../testing/receipts.ts'
import { readAll } from '../../testing/source/read-all.ts'
import { poslog } from './source.ts'

interface Given {
  root?: string
  namespace?: string
  header?: string
  lines?: string
  rest?: string
}

const day = '<BusinessDayDate>2026-03-02</BusinessDayDate><EndDateTime>2026-03-02T10:00:00+01:00</EndDateTime>'
const sale = (content: string) => `<LineItem><Sale><ItemID>1</ItemID>${content}</Sale></LineItem>`
const cash = (content: string) => `<LineItem><Tender TenderType="Cash">${content}</Tender></LineItem>`
const grand = (amount: string) => `<Total TotalType="TransactionGrandAmount">${amount}</Total>`

async function read(given: Given): Promise<Transaction> {
  const {
    root = '',
    namespace = 'http://www.nrf-arts.org/IXRetail/namespace/',
    header = day,
    lines = '',
    rest = '',
  } = given
  const till = '<RetailStoreID>9</RetailStoreID><WorkstationID>3</WorkstationID><SequenceNumber>7</SequenceNumber>'
  const document = `<POSLog xmlns="${namespace}" ${root}><Transaction>${till}${header}<RetailTransaction>${lines}${rest}</RetailTransaction></Transaction></POSLog>`
  const { results, problem } = await readAll(poslog, [Buffer.from(document)], { store: () => testStore })
  if (problem) throw problem
  const [result] = results
  if (result?.kind !== 'transaction') throw new Error('no transaction was read')
  return result.transaction
}

const amounts = ({ lines }: Transaction) =>
  lines.map((line) => ('extendedAmount' in line ? line.extendedAmount : 'amount' in line ? line.amount : undefined))

describe('documents', () => {
  it.each([
    'http://www.nrf-arts.org/IXRetail/namespace/',
    'http://www.nrf-arts.org/IXRetail/namespace',
    'http://www.nrf-arts.org/IXRetail/namespace/v6.0.0/poslog',
    'http://www.nrf-arts.org/IXRetail/v6.0.0/poslog',
  ])('are ARTS in the namespace %s', async (namespace) => {
    expect((await read({ namespace, lines: sale('<ExtendedAmount>1</ExtendedAmount>') })).lines).toHaveLength(1)
  })

  it.each(['', 'MajorVersion="6" MinorVersion="0" FixVersion="1"', 'MajorVersion="2"'])(
    'are read whatever version they state: %s',
    async (root) => {
      expect((await read({ root, lines: sale('<ExtendedAmount>1</ExtendedAmount>') })).transactionType).toBe('SALE')
    },
  )
})

describe('money and time that senders leave out', () => {
  it('takes the store for the currency where the header says XXX, or none', async () => {
    expect((await read({ header: `${day}<CurrencyCode>XXX</CurrencyCode>` })).currency).toBe('EUR')
    expect((await read({})).currency).toBe('EUR')
  })

  it('takes the first amount that states a currency before the store', async () => {
    const lines = sale('<ExtendedAmount Currency="SEK">1</ExtendedAmount>')
    expect((await read({ lines })).currency).toBe('SEK')
  })

  it('derives the business day from the calendar of the store: at 01:30 it is still yesterday', async () => {
    const header = '<EndDateTime>2026-03-03T01:30:00</EndDateTime>'
    expect(await read({ header })).toMatchObject({ businessDayDate: '2026-03-02', businessDayDateSource: 'DERIVED' })
  })

  it.each([
    ['2026-03-02T10:00:00', '', '2026-03-02T10:00:00+01:00', 'DERIVED'],
    ['2026-03-02T10:00:00Z', '', '2026-03-02T10:00:00Z', 'PRESENT'],
    ['2026-03-02T10:00:00+08:00', '', '2026-03-02T10:00:00+08:00', 'PRESENT'],
    ['2026-03-02T10:00:00', 'v:Offset="07:00:00"', '2026-03-02T10:00:00+07:00', 'PRESENT'],
    ['2026-03-02T10:00:00', 'v:Offset="-03:30:00"', '2026-03-02T10:00:00-03:30', 'PRESENT'],
    ['2026-10-25T02:30:00', '', '2026-10-25T02:30:00+02:00', 'AMBIGUOUS'],
  ])('reads the time %s %s as %s', async (text, attribute, endDateTime, utcOffsetSource) => {
    const header = `<BusinessDayDate>2026-03-02</BusinessDayDate><EndDateTime ${attribute}>${text}</EndDateTime>`
    const root = 'xmlns:v="http://example.com/v"'
    expect(await read({ root, header })).toMatchObject({ endDateTime, utcOffsetSource })
  })
})

describe('a return in four ways is one', () => {
  const minusOne = sale('<ExtendedAmount>5.00</ExtendedAmount><Quantity>-1</Quantity>')
  const element =
    '<LineItem><Return><ItemID>1</ItemID><ExtendedAmount>5.00</ExtendedAmount><Quantity>1</Quantity></Return></LineItem>'
  const subtracted = element.replace('<ExtendedAmount>', '<ExtendedAmount Action="Subtract">')
  const negative =
    '<LineItem><Return><ItemID>1</ItemID><ExtendedAmount>-5.00</ExtendedAmount><Quantity>-1</Quantity></Return></LineItem>'
  const refund = '<LineItem><Tender TenderType="Cash" TypeCode="Refund"><Amount>5.00</Amount></Tender></LineItem>'

  it.each([
    ['a Sale of minus one, totals below zero, the refund positive', minusOne, refund, grand('-5.00')],
    ['a Return with everything positive', element, cash('<Amount>5.00</Amount>'), grand('5.00')],
    ['a Return whose amount is subtracted', subtracted, refund, `<Total TotalType="TransactionGrandAmount" TypeCode="Return">5.00</Total>`],
    ['a Return with everything negative', negative, cash('<Amount>-5.00</Amount>'), grand('-5.00')],
  ])('%s', async (_, line, tender, rest) => {
    const transaction = await read({ lines: line + tender, rest })
    expect(transaction).toMatchObject({ transactionType: 'RETURN', totals: { grandTotal: '-5.00' } })
    expect(transaction.lines[0]).toMatchObject({ lineType: 'RETURN', quantity: '-1', extendedAmount: '-5.00' })
    expect(amounts(transaction)).toEqual(['-5.00', '-5.00'])
  }) // biome-ignore format: a list reads better as a block

  it('a bottle that is paid for is a return of one piece (NCR ACS: a Sale with an amount below zero)', async () => {
    const root = 'xmlns:acs="http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1"'
    const bottle =
      '<LineItem><Sale ItemType="acs:NegativeItem"><ItemID>1</ItemID><RegularSalesUnitPrice>2.00</RegularSalesUnitPrice><ExtendedAmount>-2.00</ExtendedAmount><Quantity>1</Quantity></Sale></LineItem>'
    const [line] = (await read({ root, lines: bottle })).lines
    expect(line).toMatchObject({
      lineType: 'RETURN',
      quantity: '-1',
      extendedAmount: '-2.00',
      regularUnitPrice: '2.00',
    })
    expect(line?.extensions).toEqual({ ItemType: 'acs:NegativeItem' })
  })
})

describe('cash rounding is a magnitude', () => {
  it.each([
    ['Up', '0.12', '22041.88', '22042.00', '0.12'],
    ['Down', '0.15', '384.15', '384.00', '-0.15'],
    ['Up', '0.15', '384.15', '384.00', '-0.15'],
  ])('rounded %s by %s: %s is paid with %s, whatever the direction says', async (way, by, asked, paid, signed) => {
    const tender = cash(`<Amount>${paid}</Amount><Rounding RoundingDirection="${way}">${by}</Rounding>`)
    const transaction = await read({
      lines: sale(`<ExtendedAmount>${asked}</ExtendedAmount>`) + tender,
      rest: grand(asked),
    })
    expect(transaction.lines.at(-1)).toMatchObject({ lineType: 'ROUNDING', amount: signed })
    expect(transaction.totals?.grandTotal).toBe(paid)
  })
})

describe('what stands where several dialects put it', () => {
  it('an approval is an identifier', async () => {
    const approval = '<OperatorBypassApproval><ApproverID OperatorName="A B">77</ApproverID></OperatorBypassApproval>'
    const lines = `<LineItem>${approval}<Sale><ItemID>1</ItemID><ExtendedAmount>1</ExtendedAmount></Sale></LineItem>`
    expect((await read({ lines })).lines[0]).toMatchObject({ lineType: 'SALE', approval: { approverId: '77' } })
  })

  it('a loyalty account within its programme is one', async () => {
    const rest =
      '<LoyaltyAccount><CustomerID>C</CustomerID><LoyaltyProgram><LoyaltyAccountID>L-1</LoyaltyAccountID></LoyaltyProgram></LoyaltyAccount>'
    expect((await read({ rest })).loyaltyAccountId).toBe('L-1')
  })

  it('fuel is goods', async () => {
    const lines =
      '<LineItem><FuelSale><ItemID>F</ItemID><ActualSalesUnitPrice>1.799</ActualSalesUnitPrice><ExtendedAmount>18.10</ExtendedAmount><Quantity UnitOfMeasureCode="LTR">10.06</Quantity></FuelSale></LineItem>'
    expect((await read({ lines })).lines[0]).toMatchObject({
      lineType: 'SALE',
      itemId: 'F',
      quantity: '10.06',
      unitOfMeasure: 'LTR',
    })
  })
})
