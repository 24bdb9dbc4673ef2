import { Buffer } from 'node:buffer'

const head = '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:v="http://example.com/vendor">'
const tail = '</POSLog>'
const linesPerReceipt = 24

/** A POSLog document of at least so many bytes, piece by piece, so that a large one needs no memory. */
export function* poslogPieces(bytes: number): Generator<Buffer> {
  yield Buffer.from(head)
  let made = head.length
  for (let number = 1; made < bytes; number += 1) {
    const piece = Buffer.from(receipt(number))
    made += piece.length
    yield piece
  }
  yield Buffer.from(tail)
}

/** A grocery receipt as a 2.x till writes it: most of it lines, some of it a vendor's own. */
function receipt(number: number): string {
  const prices = Array.from({ length: linesPerReceipt }, (_, index) => 99 + ((number * 37 + index * 113) % 1900))
  const total = amount(prices.reduce((sum, price) => sum + price, 0))
  const time = `2026-03-02T${String(8 + (number % 12)).padStart(2, '0')}:15:25`
  const tenderNumber = linesPerReceipt + 1
  return `<Transaction><RetailStoreID>9</RetailStoreID><WorkstationID>${1 + (number % 7)}</WorkstationID><SequenceNumber>${number}</SequenceNumber><BusinessDayDate>2026-03-02</BusinessDayDate><EndDateTime>${time}</EndDateTime><OperatorID>91</OperatorID><CurrencyCode>EUR</CurrencyCode><RetailTransaction Version="2.1"><ReceiptDateTime>${time}</ReceiptDateTime>${prices.map(line).join('')}<LineItem EntryMethod="MSR"><SequenceNumber>${tenderNumber}</SequenceNumber><Tender TenderType="CreditDebit" TypeCode="Sale" v:TenderDescription="Card"><TenderID>12</TenderID><Amount>${total}</Amount><Authorization HostAuthorized="true"><RequestedAmount>${total}</RequestedAmount><AuthorizationCode>365217</AuthorizationCode><ReferenceNumber>316324</ReferenceNumber><AuthorizationDateTime>${time}</AuthorizationDateTime></Authorization><CreditDebit CardType="Debit"></CreditDebit></Tender></LineItem><Total TotalType="TransactionGrandAmount">${total}</Total><Total TotalType="TransactionTaxAmount">0.00</Total></RetailTransaction></Transaction>`
}

function line(price: number, index: number): string {
  const item = String(4_000_000_000_000 + index * 7919).padStart(14, '0')
  return `<LineItem EntryMethod="Scanned"><SequenceNumber>${index + 1}</SequenceNumber><Sale ItemType="Stock"><POSIdentity POSIDType="GTIN"><POSItemID>${item}</POSItemID><Qualifier>17</Qualifier></POSIdentity><ItemID>${item}</ItemID><MerchandiseHierarchy Level="Department" v:DepartmentDescription="Department 17">17</MerchandiseHierarchy><Description>GOODS OF A KIND ${index}   </Description><RegularSalesUnitPrice>${amount(price)}</RegularSalesUnitPrice><ExtendedAmount>${amount(price)}</ExtendedAmount><DiscountAmount>0.00</DiscountAmount><ExtendedDiscountAmount>0.00</ExtendedDiscountAmount><Quantity>1</Quantity><v:OperatorSequence>${index + 1}</v:OperatorSequence><v:ReportCode>0</v:ReportCode></Sale></LineItem>`
}

function amount(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}
