import { describe, expect, it } from 'vitest'
import type { ReadResult } from '../../contract/source.ts'
import { testStore } from '../../testing/receipts.ts'
import { readAll } from '../../testing/source/read-all.ts'
import { poslog } from './source.ts'

type Read = Extract<ReadResult, { kind: 'transaction' }>

/** One Transaction with this content, as it is read; anything that is not a transaction fails the test. */
async function readContent(content: string): Promise<Read> {
  const header = '<RetailStoreID>9</RetailStoreID><WorkstationID>3</WorkstationID><SequenceNumber>7</SequenceNumber>'
  const day = '<BusinessDayDate>2026-03-02</BusinessDayDate><CurrencyCode>EUR</CurrencyCode>'
  const document = `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:v="http://example.com/v"><Transaction>${header}${day}${content}</Transaction></POSLog>`
  const { results } = await readAll(poslog, [Buffer.from(document)], { store: () => testStore })
  const [result] = results
  if (result?.kind !== 'transaction') throw new Error('no transaction was read')
  return result
}

const list = (words: string) => words.split(' ')
const sale = (attributes: string, line = '') =>
  `<RetailTransaction ${attributes}><LineItem ${line}><Sale><ItemID>1</ItemID><ExtendedAmount>1.00</ExtendedAmount></Sale></LineItem></RetailTransaction>`
const item = (attributes: string) =>
  `<RetailTransaction><LineItem><Sale ${attributes}><ItemID>1</ItemID><ExtendedAmount>1.00</ExtendedAmount></Sale></LineItem></RetailTransaction>`

describe('events that the closed list has no word for', () => {
  it.each([
    ...list(
      'OperatorLock TimePunch Heartbeat PriceChange DrawerLimitExceeded UnauthorizedOpen EndOfLog Refund v:Other',
    ).map((event) => ['ControlTransaction', event]),
    ...list('TenderAdjustment StoredValueTransaction TenderReceipt v:Other').map((event) => [
      'TenderControlTransaction',
      event,
    ]),
  ])('occupy their number and keep their name: %s/%s', async (container, event) => {
    const { transaction, unknownValues } = await readContent(`<${container}><${event}/></${container}>`)
    expect(transaction).toMatchObject({ transactionType: 'UNKNOWN', sequenceNumber: 7, lines: [] })
    expect(transaction.extensions).toEqual({ ControlTransaction: event })
    expect(unknownValues).toEqual([`ControlTransaction=${event}`])
  })

  it.each(['InventoryControlTransaction', 'ForeCourtTransaction'])('%s without lines is no sale', async (name) => {
    const { transaction, unknownValues } = await readContent(`<${name}><PumpTest/></${name}>`)
    expect(transaction).toMatchObject({
      transactionType: 'UNKNOWN',
      sequenceNumber: 7,
      extensions: { Transaction: name },
    })
    expect(unknownValues).toEqual([`Transaction=${name}`])
  })
})

describe('containers of goods', () => {
  const goods = '<LineItem><Sale><ItemID>1</ItemID><ExtendedAmount>1.00</ExtendedAmount></Sale></LineItem>'

  it.each([
    ['RetailTransaction', 'SALE'], ['FoodServiceTransaction', 'SALE'], ['ForeCourtTransaction', 'SALE'],
    ['CustomerOrderTransaction', 'ORDER_PLACE'], ['OrderTransaction', 'ORDER_PLACE'],
  ])('%s is %s', async (name, type) => {
    const { transaction } = await readContent(`<${name}>${goods}</${name}>`)
    expect(transaction).toMatchObject({ transactionType: type, lines: [{ lineType: 'SALE', extendedAmount: '1.00' }] })
  }) // biome-ignore format: a list reads better as a block
})

describe('events of the closed list', () => {
  it.each([
    ['BusinessSOD', 'BUSINESS_DAY_OPEN'], ['BusinessEOD', 'BUSINESS_DAY_CLOSE'], ['POSSOD', 'WORKSTATION_OPEN'],
    ['POSEOD', 'WORKSTATION_CLOSE'], ['TillSOD', 'TILL_OPEN'], ['TillEOD', 'TILL_CLOSE'], ['ShiftStart', 'SHIFT_START'],
    ['ShiftEnd', 'SHIFT_END'], ['OperatorSignOn', 'OPERATOR_SIGN_ON'], ['OperatorSignOff', 'OPERATOR_SIGN_OFF'],
    ['NoSale', 'NO_SALE'], ['PostVoid', 'POST_VOID'], ['TransactionVoid', 'CANCELLED'], ['Void', 'CANCELLED'],
    ['SuspendDelete', 'CANCELLED'], ['ReceiptReprint', 'RECEIPT_REPRINT'], ['v:NoSale', 'NO_SALE'],
  ])('ControlTransaction/%s is %s', async (event, type) => {
    const { transaction } = await readContent(`<ControlTransaction><${event}/></ControlTransaction>`)
    expect(transaction.transactionType).toBe(type)
  }) // biome-ignore format: a list reads better as a block

  it.each([
    ['PaidIn', 'PAID_IN', '4.00'], ['PaidOut', 'PAID_OUT', '-4.00'], ['PettyCash', 'PETTY_CASH', '-4.00'],
    ['SafeDrop', 'SAFE_DROP', '-4.00'], ['Deposit', 'BANK_DEPOSIT', '-4.00'], ['TenderLoan', 'TENDER_LOAN', '4.00'],
    ['TenderPickup', 'TENDER_PICKUP', '-4.00'], ['Withdrawal', 'PAID_OUT', '-4.00'], ['TipOut', 'PAID_OUT', '-4.00'],
    ['TenderExchange', 'TENDER_EXCHANGE', undefined], ['TillDeclaration', 'TILL_DECLARATION', undefined],
    ['TillSettle', 'TILL_SETTLE', undefined], ['SafeSettle', 'TILL_SETTLE', undefined],
  ])('TenderControlTransaction/%s is %s and moves %s', async (event, type, moved) => {
    const amount = '<Amount>4.00</Amount>'
    const { transaction } = await readContent(
      `<TenderControlTransaction><${event}>${amount}</${event}></TenderControlTransaction>`,
    )
    expect(transaction.transactionType).toBe(type)
    expect(transaction.cashMovement?.amount).toBe(moved)
  }) // biome-ignore format: a list reads better as a block
})

describe('words of the standard', () => {
  it.each([
    ['COMPLETED', 'Authorized Delivered Finished OutForDelivery Packed PartialDelivery PartialShip Picked Replaced Resumed Returned Revision Shipped Tendered Updated Waste'],
    ['CANCELLED', 'Canceled Failed SuspendedDeleted TransactionVoided Voided'],
    ['SUSPENDED', 'Suspended SuspendedRetrieved'],
    ['POST_VOIDED', 'PostVoided'],
    ['IN_PROGRESS', 'InComplete InProcess Projection Subtotal Totaled'],
  ])('TransactionStatus is %s for %s', async (status, words) => {
    for (const word of list(words)) {
      const { transaction, unknownValues } = await readContent(sale(`TransactionStatus="${word}"`))
      expect([word, transaction.status, unknownValues]).toEqual([word, status, []])
    }
  }) // biome-ignore format: a list reads better as a block

  it('TransactionStatus Unknown says nothing: the receipt counts, and a finding says so', async () => {
    const { transaction, findings } = await readContent(sale('TransactionStatus="Unknown"'))
    expect(transaction).toMatchObject({ status: 'COMPLETED', extensions: { TransactionStatus: 'Unknown' } })
    expect(findings.map((finding) => finding.check)).toEqual(['STATUS'])
  })

  it('every TenderType, ItemType, EntryMethod and TaxType has a word of ours', async () => {
    const tenders = list('Cash CreditDebit Check GiftCard GiftCertificate Voucher StoredValue Coupon ManufacturerCoupon CustomerAccount HouseAccount StoreAccount AccountsReceivable Loyalty Mobile OnlinePayment PurchaseOrder TravelersCheck WriteOff')
    const contents = [
      ...tenders.map((word) => `<RetailTransaction><LineItem><Tender TenderType="${word}"><Amount>1</Amount></Tender></LineItem></RetailTransaction>`),
      ...list('Stock Service Alteration Fee FeeRefund Deposit DepositRefund Warranty ItemCollection').map((word) => item(`ItemType="${word}"`)),
      ...list('Scanned Keyed MSR RFID SelfScan Tapped Waved Weighed SmartCard IntegratedChipCard Automatic').map((word) => sale('', `EntryMethod="${word}"`)),
      ...list('Sales VAT GST PST HST Excise UseTax').map((word) => `<RetailTransaction><LineItem><Tax TaxType="${word}"><Amount>1</Amount></Tax></LineItem></RetailTransaction>`),
    ]
    for (const content of contents) {
      const { transaction, unknownValues } = await readContent(content)
      expect([content, unknownValues]).toEqual([content, []])
      expect(JSON.stringify(transaction.lines)).not.toContain('"OTHER"')
    }
  }) // biome-ignore format: a list reads better as a block

  it.each(['VRExt:Word', 'acs:Word', 'X:Word', 'DKT:Word', 'fu:Word', 'dtv:Word', 'Word'])(
    'a word that nobody knows is kept and counted: %s',
    async (word) => {
      const { transaction, unknownValues } = await readContent(item(`ItemType="${word}"`))
      expect(transaction.lines[0]).toMatchObject({ itemType: 'OTHER', extensions: { ItemType: word } })
      expect(unknownValues).toEqual([`ItemType=${word}`])
    },
  )
})

describe('who was at the till', () => {
  it.each([
    ['<OperatorID>437</OperatorID>', '437'],
    ['<OperatorID OperatorName="John R">437</OperatorID>', '437'],
    ['<OperatorID WorkerID="0815" OperatorType="Cashier">Lena</OperatorID>', '0815'],
    ['<OperatorID>jdoe</OperatorID>', 'jdoe'],
    ['<OperatorID>KASSE</OperatorID>', 'KASSE'],
    ['<OperatorID OperatorName="Anna Berg">Supervisor</OperatorID>', 'Supervisor'],
    ['<OperatorID OperatorType="Cashier">Lena</OperatorID>', undefined],
    ['<OperatorID>Åsa-Lena B</OperatorID>', undefined],
    ['<OperatorID OperatorName="LENA BERG">LENA</OperatorID>', undefined],
  ])('%s has the id %s, and no name comes through', async (element, id) => {
    const { transaction } = await readContent(`${element}${sale('')}`)
    expect(transaction.operatorId).toBe(id)
    expect(transaction.extensions?.operatorNameLeftOut).toBe(id === undefined ? true : undefined)
    expect(JSON.stringify(transaction)).not.toMatch(/lena|anna|john/i)
  })
})
