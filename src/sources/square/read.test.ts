import { readFileSync } from 'node:fs'
import type { SourceAccount } from '../../contract/source.ts'
import { testStore } from '../../testing/receipts.ts'
import { hostileMarker } from '../../testing/source/hostile-input.ts'
import { describeSourceConformance } from '../../testing/source-conformance.ts'
import { square } from './source.ts'

const stores = new Map([
  ['LNYC0000000001', '9'],
  ['LSYD0000000002', '12'],
])
const account: SourceAccount = {
  account: 'MLEXAMPLE0001',
  storeOf: (location) => (location === undefined ? '900' : stores.get(location)),
}
const zones: Record<string, string> = { '9': 'America/New_York', '12': 'Australia/Sydney' }

interface Sample {
  [member: string]: Record<string, unknown> & Record<string, unknown>[]
}
const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`samples/${name}.theirs.json`, import.meta.url), 'utf8')) as Sample
const document = (value: object) => Buffer.from(JSON.stringify(value))
const without = (object: object, ...names: string[]) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

const { order: sale = {} as never } = sample('order-sale')
const [returned = {}] = sample('orders-returns').orders ?? []
const [cash = {}, card = {}] = sample('payments').payments ?? []
const [refund = {}] = sample('refunds').refunds ?? []
const [shift = {}] = sample('cash-drawers').cash_drawer_shifts ?? []

/** Signed with `openssl dgst -sha256 -hmac SECRET -binary | base64` over the address and the body. */
const signed = {
  url: 'https://hub.example/v1/sources/square',
  rawBody: Buffer.from(
    '{"merchant_id":"MLEXAMPLE0001","type":"refund.created","event_id":"bc316346-6691-4243-88ed-6d651a0d0c47","data":{"type":"refund","id":"R1","object":{"refund":{"id":"R1","status":"PENDING"}}}}',
  ),
  signature: '1g5SD3liY1ySR14UNkUWaz33YPF3EQNyVNc5Zy7BaV4=',
}

describeSourceConformance(square, {
  samplesDirectory: new URL('samples/', import.meta.url),
  context: {
    store: (businessUnitId) => ({
      ...testStore,
      businessUnitId,
      timeZone: zones[businessUnitId] ?? testStore.timeZone,
    }),
    account,
  },
  secrets: [
    ...['Wilhelmina', 'WILHELMINA', 'Abernathy', 'wilhelmina@example.com', '+12125550148', '10013', 'ring twice'],
    ...['change for the bus', 'milk from the corner shop', 'sq-1-example', '453275', 'beach', 'voucher book'],
  ],
  histories: [
    {
      name: 'an order from its opening to its completion, and to a return within it',
      versions: [
        document({ order: { ...without(sale, 'tenders', 'closed_at'), state: 'OPEN', version: 2 } }),
        document({ order: sale }),
        document({ order: { ...sale, version: 8, updated_at: '2026-03-02T18:00:00Z' } }),
        document({
          order: { ...sale, version: 9, returns: returned.returns, return_amounts: returned.return_amounts },
        }),
      ],
    },
    {
      name: 'a sale of which the payments come first, then the order, then what is taken back',
      versions: [
        document({ payments: [cash] }),
        document({ payments: [card, cash] }),
        document({ orders: [sale], payments: [cash, card] }),
        document({ payments: [card, cash], refunds: [refund], orders: [returned, sale] }),
      ],
    },
    {
      name: 'a payment that is authorised, completed, charged for and refunded',
      versions: [
        document({ payment: { ...without(card, 'processing_fee'), status: 'APPROVED' } }),
        document({ payment: without(card, 'processing_fee') }),
        document({ payment: card }),
        document({
          payment: {
            ...card,
            updated_at: '2026-03-09T00:00:00Z',
            refunded_money: { amount: 300, currency: 'USD' },
            refund_ids: ['PAYCARD000000000000000001_REFUND1'],
            version_token: 'later',
          },
        }),
      ],
    },
    {
      name: 'a payment that is authorised and then cancelled',
      versions: ['APPROVED', 'CANCELED'].map((status) => document({ payment: { ...card, status } })),
    },
    {
      name: 'a refund from pending to completed',
      versions: [
        document({ refund: { ...refund, status: 'PENDING' } }),
        document({ refund }),
        document({ refund: { ...refund, updated_at: '2026-03-04T00:00:00Z', processing_fee: [] } }),
      ],
    },
    {
      name: 'a cash drawer from its opening to its count, told in summary and whole',
      versions: [
        document({ cash_drawer_shift: { ...without(shift, 'closed_at', 'closed_cash_money'), state: 'OPEN' } }),
        document({ cash_drawer_shift: { ...without(shift, 'closed_at', 'closed_cash_money'), state: 'ENDED' } }),
        document({ cash_drawer_shifts: [without(shift, 'cash_payment_money', 'cash_refunds_money')] }),
        document({ cash_drawer_shift: shift }),
      ],
    },
  ],
  webhook: {
    request: {
      headers: { 'content-type': 'application/json', 'x-square-hmacsha256-signature': signed.signature },
      rawBody: signed.rawBody,
      url: signed.url,
    },
    secret: 'a-signature-key-for-tests',
    signatureHeader: 'x-square-hmacsha256-signature',
    notice: { account: 'MLEXAMPLE0001', carries: 'transactions' },
  },
  hostile: [
    { name: 'an empty input', bytes: Buffer.alloc(0), code: 'json-malformed' },
    { name: 'an unclosed document', bytes: Buffer.from(`{"order":{"id":"${hostileMarker}"`), code: 'json-malformed' },
    {
      name: 'a key twice',
      bytes: Buffer.from(`{"order":{"${hostileMarker}":1,"${hostileMarker}":2}}`),
      code: 'duplicate-key',
    },
    { name: 'a prototype key', bytes: Buffer.from('{"order":{"__proto__":{"a":1}}}'), code: 'forbidden-key' },
    {
      name: 'deep nesting',
      bytes: Buffer.from(`${'{"order":'.repeat(500)}1${'}'.repeat(500)}`),
      code: 'json-too-deep',
    },
    { name: 'invalid UTF-8', bytes: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), code: 'invalid-encoding' },
    {
      name: 'a number that goes on',
      bytes: Buffer.from(`{"order":{"version":${'9'.repeat(100)}}}`),
      code: 'number-out-of-range',
    },
  ],
})
