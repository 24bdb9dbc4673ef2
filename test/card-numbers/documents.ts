import { readFileSync } from 'node:fs'
import type { Line } from '../../src/domain/transaction/line.ts'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { poslog } from '../../src/sources/poslog/source.ts'
import { makeSale, testStore } from '../../src/testing/receipts.ts'
import { asSent } from '../erasure/erasable-hub.ts'
import type { MadeUpNumbers } from './made-up-numbers.ts'

type Json = Record<string, unknown>

let number = 0

/** A receipt of ours with card numbers in every kind of field, but for those that hold numbers of machines (receipts, references). */
export function ownReceipt(numbers: MadeUpNumbers): Json {
  const { plain, spelled, ofBank, bare } = numbers
  number += 1
  const [sold, paid, ...rest] = makeSale(number).lines
  return asSent({
    ...makeSale(number),
    operatorId: plain(),
    customerId: ofBank(),
    lines: [
      {
        ...(sold as Line),
        posItemId: plain(),
        description: spelled(),
        reasonCode: plain(),
        approval: { approverId: plain(), reason: spelled() },
        merchandiseHierarchy: [{ level: spelled(), code: plain() }],
      } as Line,
      {
        ...(paid as Line),
        tenderId: plain(),
        card: { brand: spelled(), token: plain(), acquirer: spelled() },
        storedValue: { maskedNumber: plain() },
        extensions: { 'acme:slip': spelled() },
      } as Line,
      ...rest,
    ],
    extensions: { 'acme:note': spelled(), 'acme:list': [{ inside: spelled() }], 'acme:bare': bare() },
  }) as Json
}

/** A document of POSLog, as our writer writes it, with numbers in its texts, ids and in what we have no name for. */
export function poslogDocument(numbers: MadeUpNumbers, receiptsCount: number): string {
  const receipts = Array.from({ length: receiptsCount }, (): Transaction => {
    number += 1
    const sale = makeSale(number)
    const [sold, ...rest] = sale.lines
    return {
      ...sale,
      operatorId: numbers.plain(),
      lines: [{ ...(sold as Line), description: numbers.spelled() } as Line, ...rest],
    }
  })
  const xml = poslog.writer?.writeDocument(receipts, { store: () => testStore }) ?? ''
  return xml.replaceAll('</Transaction>', () => {
    const [note, attribute] = [numbers.spelled(), numbers.spelled()]
    return `<acme:Note xmlns:acme="urn:acme" Slip="${attribute}">${note}</acme:Note></Transaction>`
  })
}

const sampleOf = (source: string, name: string) =>
  JSON.parse(readFileSync(new URL(`../../src/sources/${source}/samples/${name}.theirs.json`, import.meta.url), 'utf8'))

/** An order as Shopify tells it, with numbers wherever somebody can type. */
export function shopifyOrder({ spelled, plain }: MadeUpNumbers): Json {
  number += 1
  const [order] = sampleOf('shopify', 'web-order').orders as [Json & { line_items: Json[]; billing_address: Json }]
  const { refunds: _, transactions: __, ...rest } = order
  const [first, ...others] = order.line_items
  return {
    ...rest,
    id: 5_862_800_000_000 + number,
    refunds: [],
    financial_status: 'pending',
    note: spelled(),
    tags: spelled(),
    phone: plain(),
    note_attributes: [{ name: 'gift', value: spelled() }],
    billing_address: { ...order.billing_address, address1: spelled(), last_name: spelled() },
    line_items: [
      { ...first, title: spelled(), name: spelled(), properties: [{ name: 'engraving', value: spelled() }] },
      ...others,
    ],
  }
}

/** An order and a payment as Square tells them. */
export function squareOrder({ spelled, plain }: MadeUpNumbers): Json {
  number += 1
  const { order } = sampleOf('square', 'order-sale') as { order: Json & { line_items: Json[] } }
  const [first, ...others] = order.line_items
  const line = { ...first, name: spelled(), note: spelled(), variation_name: spelled() }
  const source = { name: spelled() }
  return { ...order, id: `ORDER${number}`, source, line_items: [line, ...others], metadata: { slip: plain() } }
}

export function squarePayment({ spelled }: MadeUpNumbers): Json {
  number += 1
  const [payment] = sampleOf('square', 'payments').payments as [Json]
  return {
    ...payment,
    id: `PAYMENT${number}`,
    note: spelled(),
    device_details: { device_id: 'D', device_name: spelled() },
    buyer_email_address: spelled(),
  }
}

/** What may never be kept, and a word that stands in it. */
export const trackWord = '997755331199'
export const sensitiveDocuments: readonly string[] = [
  JSON.stringify({ ...makeSale(900_001), operatorId: `%B4111111111111111^DOE/JOHN^2912101${trackWord}?` }),
  JSON.stringify({ ...makeSale(900_002), extensions: { 'acme:t2': `;4111111111111111=29121010${trackWord}?` } }),
  JSON.stringify({ ...makeSale(900_003), extensions: { cvv: '987', note: trackWord } }),
  JSON.stringify({ ...makeSale(900_004), extensions: { pinBlock: '0412AC89ABCDEF67', note: trackWord } }),
]
