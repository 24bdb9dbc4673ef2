import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Connection, ConnectorSettings } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { fromMinorUnits } from '../../domain/money.ts'
import { recordContext, type SentRequest } from '../../testing/connector/context.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { describeConnectorConformance } from '../../testing/connector-conformance.ts'
import { makeSale } from '../../testing/receipts.ts'
import { referenceErp } from './connector.ts'
import type { TheirDocument } from './their-document.ts'

const url = 'https://erp.example.com/'

function accept(request: SentRequest) {
  const { reference, kind, currency, total, tax } = JSON.parse(String(request.body)) as TheirDocument
  const document = { id: 'DOC-1', reference, kind, currency, total, tax, bookedAt: '2026-03-02T10:05:01Z' }
  return { status: 201, headers: {}, body: JSON.stringify({ document }) }
}

function connect(settings: ConnectorSettings = {}): Connection {
  return referenceErp.connect({ url, ...settings }, { logger: silentLogger, allowPrivateNetwork: false })
}

for (const idempotent of [true, false]) {
  describe(idempotent ? 'with idempotency' : 'without idempotency', () => {
    describeConnectorConformance(referenceErp, {
      settings: { url, apiKey: 'abc-0123456789', idempotent },
      samples: { directory: join(import.meta.dirname, 'samples'), extension: 'json' },
      amountsOf: (sent) => {
        const { currency, total, tax, lines, charges, taxes, payments } = sent as TheirDocument
        const money = (cents: number) => fromMinorUnits(BigInt(cents), currency)
        const added = taxes.filter((one) => !one.included)
        return {
          total: money(total),
          tax: money(tax),
          parts: [...lines.map((line) => line.net), ...[...charges, ...added].map((one) => one.amount)].map(money),
          payments: payments.map((payment) => money(payment.amount)),
        }
      },
      http: { accept, idempotencyKeyOf: (request) => request.headers?.['idempotency-key'], readsBody: true },
    })
  })
}

describe('what only this ERP says', () => {
  const post = (answer: { status: number; body: string }, event = makeEvent()) =>
    connect().postTransaction?.(event, recordContext(async () => ({ ...answer, headers: {} })).context)

  it('a return waits for an original that the ERP does not have yet', async () => {
    const links = [{ linkType: 'RETURN_OF' as const, sequenceNumber: 7 }]
    const event = makeEvent(makeSale(8, { transactionType: 'RETURN', links }))
    const outcome = await post({ status: 409, body: '{"error":{"code":"unknown-original"}}' }, event)
    expect(outcome).toEqual({ kind: 'waits', for: 'till:9/3/-/7' })
  })

  it('a booking of another document is no booking of this one', async () => {
    const document = {
      id: 'D',
      reference: 'till:9/3/-/2',
      kind: 'sale',
      currency: 'EUR',
      total: 1,
      tax: 0,
      bookedAt: 'x',
    }
    expect((await post({ status: 200, body: JSON.stringify({ document }) }))?.kind).toBe('unknown')
  })

  it('what is nothing to the books is skipped without a request', async () => {
    const { context, sent } = recordContext(() => expect.unreachable())
    const outcome = await connect().postTransaction?.(makeEvent(makeSale(1, { trainingMode: true })), context)
    expect([outcome?.kind, sent.length]).toEqual(['skipped', 0])
  })

  it.each([
    { status: 500, body: '' },
    { status: 200, body: '<html>' },
    { status: 200, body: '{"documents":[{"id":"D"}]}' },
    { status: 200, body: '{"error":{}}' },
    { status: 204, body: '' },
  ])('a look-up that is not answered is not an absence: %j', async (answer) => {
    const { context } = recordContext(async () => ({ ...answer, headers: {} }))
    await expect(connect().findPosting?.(makeEvent(), context)).rejects.toThrow('not answered')
  })

  it('a page that leads to itself ends the reading', async () => {
    const { context, sent } = recordContext(async () => ({
      status: 200,
      headers: {},
      body: '{"documents":[],"next":0}',
    }))
    const day = connect().readStoreDay?.({ businessUnitId: '9', businessDayDate: '2026-03-02' }, context)
    for await (const _ of day ?? []) expect.unreachable()
    expect(sent).toHaveLength(1)
  })

  it('a total that the lines do not make is left for the ERP to refuse', () => {
    const sent = connect().preview?.(makeEvent(makeSale(1, { totals: { grandTotal: '5.50' } })))
    expect(sent).toMatchObject({ total: 550, lines: [{ net: 500 }], charges: [] })
  })

  it('a cent that the till rounded the other way is booked as rounding', () => {
    const sent = connect().preview?.(makeEvent(makeSale(1, { totals: { grandTotal: '5.01' } })))
    expect(sent).toMatchObject({ total: 501, lines: [{ net: 500 }], charges: [{ kind: 'rounding', amount: 1 }] })
  })

  it('means of payment go to the account that the settings say', () => {
    const methodOf = (settings: ConnectorSettings) => {
      const sent = connect(settings).preview?.(makeEvent()) as TheirDocument | undefined
      return sent?.payments.map((one) => one.method)
    }
    expect(methodOf({})).toEqual(['cash'])
    expect(methodOf({ paymentMethods: 'OTHER=account, CASH=voucher' })).toEqual(['voucher'])
  })

  it.each(['CASH', 'CASH=gold', 'GOLD=cash', 'CASH=cash;OTHER=cash', 'constructor=cash'])(
    'refuses payment methods that nobody knows: %j',
    (paymentMethods) => {
      expect(() => connect({ paymentMethods })).toThrow('paymentMethods takes pairs')
    },
  )
})
