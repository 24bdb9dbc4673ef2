import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ReadContext, ReadResult } from '../src/contract/source.ts'
import { checkTransaction } from '../src/domain/checks/index.ts'
import { netOfLine } from '../src/domain/compute-totals.ts'
import { add, decimal, formatDecimal, sum } from '../src/domain/decimal.ts'
import type { StoreProfile } from '../src/domain/store.ts'
import type { Transaction } from '../src/domain/transaction/transaction.ts'
import { detectSource } from '../src/sources/index.ts'
import { square } from '../src/sources/square/source.ts'
import { readAll, transactionsIn } from '../src/testing/source/read-all.ts'

/** Published examples of Square's own documentation, beside the repository where they are present; they are never part of it. */
const samples = new URL('../../shared/samples/square/', import.meta.url)
const present = existsSync(samples)
if (!present)
  console.warn('SKIPPED: there are no examples of Square in ../shared/samples, so its reader was not tried on them.')

const store: StoreProfile = {
  businessUnitId: '9',
  timeZone: 'America/Los_Angeles',
  currency: 'USD',
  businessDayStartsAt: '04:00',
  numbersRestartDaily: false,
  taxRounding: 'TOTAL',
}
const context: ReadContext = {
  store: () => store,
  account: { account: 'MLEXAMPLE0001', storeOf: (location) => location && '9' },
}

interface Example {
  order: { state: string; line_items: { total_money: { amount: number } }[]; total_money: { amount: number } }
  cash_drawer_shift: object
}
const text = (path: string) => readFileSync(new URL(path, samples), 'utf8')
const parsed = (path: string) => JSON.parse(text(path)) as Example

async function read(document: string): Promise<ReadResult[]> {
  const { results, problem } = await readAll(square, [Buffer.from(document)], context)
  expect(problem).toBeUndefined()
  return results
}

async function readOne(document: string): Promise<Transaction> {
  const [only, ...others] = transactionsIn({ results: await read(document), problem: undefined })
  if (!only || others.length > 0) throw new Error('there is not one transaction')
  return only.transaction
}

const worth = (transaction: Transaction) =>
  formatDecimal(
    sum(
      transaction.lines.flatMap((line) => {
        if (line.lineType !== 'SALE' && line.lineType !== 'RETURN') return []
        const added = (line.taxes ?? [])
          .filter((tax) => !tax.includedInPrice)
          .map((tax) => decimal(tax.taxAmount ?? '0'))
        return [add(netOfLine(line), sum(added))]
      }),
    ),
    2,
  )

describe.skipIf(!present)("Square's own examples", () => {
  it('are all recognised, and each is a fact or said to be none', async () => {
    const paths = readdirSync(samples, { recursive: true })
      .map(String)
      .filter((path) => path.endsWith('.json'))
    expect(paths).toHaveLength(12)
    for (const path of paths) {
      expect([path, detectSource(Buffer.from(text(path)).subarray(0, 4_096), path)?.name]).toEqual([path, 'square'])
      const [result, ...others] = await read(text(path))
      expect(others).toEqual([])
      // The example of a drawer is from before its location was part of it.
      if (path.includes('CashDrawer'))
        expect(result).toMatchObject({ kind: 'unreadable', problem: 'unmapped-location' })
      else expect(['transaction', 'noted']).toContain(result?.kind)
    }
  })

  it('have orders whose lines come to their total, once they are complete', async () => {
    for (const path of ['api/CreateOrderResponse.json', 'api/PayOrderResponse.json']) {
      const { order } = parsed(path)
      const lines = order.line_items.reduce((total, line) => total + line.total_money.amount, 0)
      expect(lines).toBe(order.total_money.amount)
      const sale = await readOne(JSON.stringify({ order: { ...order, state: 'COMPLETED' } }))
      expect(worth(sale)).toBe((lines / 100).toFixed(2))
      expect(sale.totals?.grandTotal).toBe((lines / 100).toFixed(2))
      expect(checkTransaction(sale, store).filter(({ severity }) => severity !== 'info')).toEqual([])
    }
  })

  it('have an open order, which is no sale yet', async () => {
    expect(await read(text('api/CreateOrderResponse.json'))).toMatchObject([{ kind: 'noted', what: 'order-open' }])
  })

  it('have a paid order of 20.00', async () => {
    const sale = await readOne(text('api/PayOrderResponse.json'))
    expect(sale).toMatchObject({
      transactionType: 'SALE',
      beginDateTime: '2019-08-06T02:47:35.693Z',
      endDateTime: '2019-08-06T02:47:37.140Z',
      businessDayDate: '2019-08-05',
      totals: { grandTotal: '20.00' },
      vendorFact: { objectType: 'order', objectId: 'lgwOlEityYPJtcuvKTVKT1pA986YY' },
    })
    expect(
      sale.lines.map((line) => ('extendedAmount' in line ? [line.quantity, line.extendedAmount] : line.lineType)),
    ).toEqual([['1', '5.00'], ['2', '15.00'], 'TENDER'])
  })

  it('have an itemized order with three discounts, a modifier and an added tax', async () => {
    const { order } = parsed('api/CreateOrderResponse.json')
    const sale = await readOne(JSON.stringify({ order: { ...order, state: 'COMPLETED' } }))
    expect(sale.totals).toMatchObject({ discounts: '-4.33', taxTotal: '5.10', grandTotal: '61.76' })
    expect(sale.lines[1]).toMatchObject({
      quantity: '2',
      actualUnitPrice: '22.50',
      extendedAmount: '45.00',
      discountAmount: '-3.46',
      priceModifiers: [{ amount: '-0.22' }, { amount: '-2.24' }, { amount: '-1.00', appliedTo: 'LINE' }],
      taxes: [{ taxAmount: '3.74', ratePercent: '9', includedInPrice: false }],
    })
  })

  it('have a payment of 5.55 by card, and one of 1.00 by webhook', async () => {
    const payment = await readOne(text('api/GetPaymentResponse.json'))
    expect(payment).toMatchObject({
      transactionType: 'PAYMENT_ON_ACCOUNT',
      operatorId: 'TMoK_ogh6rH1o4dV',
      receiptNumber: 'bP9m',
    })
    expect(payment.lines).toMatchObject([
      { lineType: 'PAYMENT_ON_ACCOUNT', amount: '5.55', reference: 'd7eKah653Z579f3gVtjlxpSlmUcZY' },
      {
        tenderType: 'CREDIT_DEBIT',
        amount: '5.55',
        state: 'CAPTURED',
        card: { brand: 'VISA', last4: '1111', entryMode: 'KEYED' },
      },
    ])
    expect(checkTransaction(payment, store).filter(({ severity }) => severity !== 'info')).toEqual([])
    expect(payment.extensions).toMatchObject({ 'square:processing_fee': [{ type: 'INITIAL', amount: '0.34' }] })
    const pushed = await readOne(text('webhooks/payment.updated.json'))
    expect(pushed.lines).toMatchObject([{ amount: '1.00' }, { amount: '1.00', card: { brand: 'MASTERCARD' } }])
  })

  it('have a refund of 5.55, and a pending one by webhook', async () => {
    const refund = await readOne(text('api/GetPaymentRefundResponse.json'))
    expect(refund.lines).toMatchObject([
      { lineType: 'PAYMENT_ON_ACCOUNT', amount: '-5.55' },
      { tenderType: 'OTHER', amount: '-5.55' },
    ])
    expect(refund.links).toEqual([
      { linkType: 'RETURN_OF', transactionKey: 'fact:MLEXAMPLE0001/payment/bP9mAsEMYPUGjjGNaNO5ZDVyLhSZY' },
    ])
    expect(await read(text('webhooks/refund.created.json'))).toMatchObject([{ kind: 'noted', what: 'refund-pending' }])
  })

  it('have a drawer that is short by 0.30', async () => {
    const { cash_drawer_shift: shift } = parsed('api/RetrieveCashDrawerShiftResponse.json')
    const settled = await readOne(JSON.stringify({ cash_drawer_shift: { ...shift, location_id: 'L1' } }))
    expect(settled).toMatchObject({
      transactionType: 'TILL_SETTLE',
      tillSession: {
        openingFloat: '100.00',
        cashSales: '1.00',
        cashRefunds: '1.00',
        paidIn: '100.00',
        paidOut: '100.00',
        expected: [{ tenderType: 'CASH', amount: '100.00' }],
        declared: [{ tenderType: 'CASH', amount: '99.70' }],
        overShort: [{ tenderType: 'CASH', amount: '-0.30' }],
      },
    })
    expect(checkTransaction(settled, store)).toMatchObject([
      { check: 'INV-12', message: 'The drawer is short by 0.30.' },
    ])
  })

  it.each([
    ['webhooks/order.created.json', 'order-created'],
    ['webhooks/order.updated.json', 'order-updated'],
    ['webhooks/loyalty.event.created.json', 'loyalty-event'],
  ])('have %s, which is counted as %s', async (path, what) => {
    expect(await read(text(path))).toMatchObject([{ kind: 'noted', what, count: 1 }])
  })

  it('give no person and no card away', async () => {
    const told = await Promise.all(
      ['api/GetPaymentResponse.json', 'webhooks/payment.updated.json'].map(async (path) =>
        JSON.stringify(await readOne(text(path))),
      ),
    )
    for (const secret of ['411111', '540988', 'sq-1-', 'Test Note', 'receipt/preview'])
      expect(told.join()).not.toContain(secret)
  })

  it('have a physical count of 86 and a reckoning of 10', async () => {
    const counted = await readOne(text('api/BatchRetrieveInventoryChangesResponse.json'))
    expect(counted).toMatchObject({
      transactionType: 'INVENTORY_COUNT',
      endDateTime: '2016-11-16T22:24:49.028Z',
      vendorFact: { objectType: 'inventory_physical_count', objectId: '46YDTW253DWGGK9HMAE6XCAO' },
      lines: [{ lineType: 'INVENTORY', itemId: 'W62UWFY35CWMYGVWK6TWJDNI', quantity: '86', at: { state: 'SELLABLE' } }],
    })
    const reckoned = await readOne(text('webhooks/inventory.count.updated.json'))
    expect(reckoned).toMatchObject({
      transactionType: 'INVENTORY_POSITION',
      lines: [{ itemId: 'FGQ5JJWT2PYTHF35CKZ2DSKP', quantity: '10' }],
    })
    expect([counted, reckoned].flatMap((one) => checkTransaction(one, store))).toEqual([])
  })
})
