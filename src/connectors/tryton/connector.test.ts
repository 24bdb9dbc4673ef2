import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Connection, HttpAnswer, Outcome } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { TransportFailure } from '../../contract/transport-failure.ts'
import { recordContext, type SentRequest } from '../../testing/connector/context.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { describeConnectorConformance } from '../../testing/connector-conformance.ts'
import { makeSale } from '../../testing/receipts.ts'
import { tryton } from './connector.ts'
import type { TheirReceipt } from './their-receipt.ts'

const settings = { url: 'https://erp.example.com', database: 'books', user: 'till', password: 'correct-horse-7' }

const decimal = (text: string) => ({ __class__: 'Decimal', decimal: text })
const company = { id: 1, 'currency.': { id: 1, code: 'EUR', digits: 2 } }
const invoice = { id: 5, state: 'draft', account: 9, untaxed_amount: decimal('4.20'), taxes: [] }
const sale = { id: 3, state: 'processing', shipment_state: 'waiting', moves: [4], 'invoices.': [invoice] }

/** What Tryton answers to each method when all goes well; records are as wide as their readers need. */
const results: Record<string, unknown> = {
  'common.db.login': [1, 'session-1'],
  'model.res.user.search_read': [{ id: 1, 'company.': company }],
  'model.sale.sale.search_read': [],
  'model.sale.sale.create': [3],
  'model.sale.sale.read': [sale],
  'model.account.period.search_read': [{ id: 8 }],
  'model.account.move.search_read': [],
  'model.account.move.create': [6],
  'model.account.move.line.search_read': [
    { id: 10, debit: decimal('5.00'), credit: decimal('0') },
    { id: 11, debit: decimal('0'), credit: decimal('5.00') },
  ],
  'model.account.move.reconciliation.create': [7],
}

interface Call {
  method: string
  params: unknown[]
}

const callOf = (request: SentRequest): Call => JSON.parse(String(request.body)) as Call

function answer(result: unknown): HttpAnswer {
  return { status: 200, headers: {}, body: JSON.stringify({ id: 1, result }) }
}

function accept(request: SentRequest): HttpAnswer {
  const { method, params } = callOf(request)
  if (method in results) return answer(results[method])
  // Every master is there under the code that is asked for.
  if (!method.endsWith('.search_read')) return answer(null)
  const [[, , codes]] = params[0] as [[string, string, string[]]]
  const more = { addresses: [2], customer_location: 7, type: 'goods', default_uom: 1, storage_location: 4, digits: 2 }
  return answer(codes.map((code, at) => ({ id: 20 + at, code, name: code, ...more })))
}

const changes = (request: SentRequest) => !/login|search_read$|\.read$/.test(callOf(request).method)

const connect = (): Connection => tryton.connect(settings, { logger: silentLogger, allowPrivateNetwork: false })

describeConnectorConformance(tryton, {
  settings,
  samples: { directory: join(import.meta.dirname, 'samples'), extension: 'json' },
  amountsOf: (sent) => {
    const { receipt } = sent as { receipt: TheirReceipt }
    const amounts = (list: { amount: string }[]) => list.map((one) => one.amount)
    return {
      total: receipt.total,
      tax: receipt.tax,
      parts: [...amounts(receipt.lines), ...amounts(receipt.taxes), ...amounts(receipt.entries)],
      payments: amounts(receipt.payments),
    }
  },
  http: { accept, changes, logsInAgain: true, readsBody: true },
})

describe('calls to Tryton', () => {
  const post = async (play: (request: SentRequest) => HttpAnswer | Promise<HttpAnswer>, connection = connect()) => {
    const recorded = recordContext(async (request) => play(request))
    const outcome = await connection.postTransaction?.(makeEvent(), recorded.context)
    return { outcome: outcome as Outcome, methods: recorded.sent.map((request) => callOf(request).method), ...recorded }
  }
  const failing = (method: string, play: () => HttpAnswer | Promise<HttpAnswer>) => (request: SentRequest) =>
    callOf(request).method === method ? play() : accept(request)
  const theirError = (...error: unknown[]) => ({ status: 200, headers: {}, body: JSON.stringify({ id: 1, error }) })

  it('are twelve for a receipt of known goods, and each step is recorded', async () => {
    const connection = connect()
    await post(accept, connection)
    const { outcome, methods, context } = await post(accept, connection)
    expect(outcome.kind).toBe('delivered')
    expect(methods).toHaveLength(12)
    expect([...context.steps.done.keys()]).toEqual(['sale', 'stock', 'invoice', 'payment'])
  })

  it.each<[string, unknown[], object]>([
    [
      'a user error',
      ['UserError', ['The period is closed.', '', null]],
      { kind: 'rejected', reason: 'UserError: The period is closed.' },
    ],
    [
      'a warning',
      ['UserWarning', ['name', 'In the future?', '']],
      { kind: 'rejected', reason: 'UserWarning: In the future?' },
    ],
    ['two that write the same record', ['ConcurrencyException', 'sale.sale,3'], { kind: 'retry' }],
    ['an error of the database', ['could not serialize access', 'Traceback ...'], { kind: 'retry' }],
  ])('that end with %s in an HTTP 200', async (_name, error, expected) => {
    const { outcome } = await post(failing('model.account.invoice.post', () => theirError(...error)))
    expect(outcome).toMatchObject(expected)
  })

  it.each([
    ['a refused login', failing('common.db.login', () => ({ status: 401, headers: {}, body: '' }))],
    ['a login page', failing('common.db.login', () => ({ status: 200, headers: {}, body: '<html>' }))],
    [
      'a look-up that is lost',
      failing('model.sale.sale.search_read', () => Promise.reject(new TransportFailure('after-sending', 'timeout'))),
    ],
    [
      'a look-up that is refused',
      failing('model.sale.sale.search_read', () => ({ status: 404, headers: {}, body: '' })),
    ],
  ])('park nothing and leave nothing behind with %s', async (_name, play) => {
    const { outcome, sent } = await post(play)
    expect(outcome.kind).toBe('retry')
    expect(sent.filter(changes)).toEqual([])
  })

  it('log in again when the session has ended, and make the call once more', async () => {
    const connection = connect()
    await post(accept, connection)
    let isEnded = true
    const { outcome, methods } = await post((request) => {
      if (callOf(request).method === 'common.db.login') isEnded = false
      return isEnded ? { status: 401, headers: {}, body: '' } : accept(request)
    }, connection)
    expect(outcome.kind).toBe('delivered')
    expect(methods.slice(0, 3)).toEqual([
      'model.sale.sale.search_read',
      'common.db.login',
      'model.sale.sale.search_read',
    ])
  })

  it('are made once more when Tryton says no: two receipts at once may both be the first in a journal', async () => {
    let refusals = 1
    const play = failing('model.account.move.post', () =>
      refusals-- > 0
        ? theirError('UserError', ['You can create only one journal per period.', '', null])
        : answer(null),
    )
    const { outcome, methods } = await post(play)
    expect(outcome.kind).toBe('delivered')
    expect(methods.filter((method) => method === 'model.account.move.post')).toHaveLength(2)
  })

  it('do not post an invoice whose lines come to something else in Tryton', async () => {
    const wrong = { ...sale, 'invoices.': [{ ...invoice, untaxed_amount: decimal('4.21') }] }
    const { outcome, methods } = await post(failing('model.sale.sale.read', () => answer([wrong])))
    expect(outcome.kind).toBe('rejected')
    expect(methods).not.toContain('model.account.invoice.post')
  })

  it('make nothing that is missing where that is not allowed', async () => {
    const connection = tryton.connect(
      { ...settings, createMissing: false },
      { logger: silentLogger, allowPrivateNetwork: false },
    )
    const { outcome, sent } = await post(
      failing('model.product.product.search_read', () => answer([])),
      connection,
    )
    expect(outcome).toEqual({ kind: 'rejected', reason: 'Tryton has no product 4711' })
    expect(sent.filter(changes)).toEqual([])
  })

  it('refuse a product that Tryton does not have where only the assortment is its own affair', async () => {
    const connection = tryton.connect(
      { ...settings, createProducts: false },
      { logger: silentLogger, allowPrivateNetwork: false },
    )
    const { outcome, methods } = await post(
      failing('model.product.product.search_read', () => answer([])),
      connection,
    )
    expect(outcome).toEqual({ kind: 'rejected', reason: 'Tryton has no product 4711' })
    expect(methods).not.toContain('model.product.template.create')
  })
})

describe('the store day', () => {
  it('is read page by page until a page is not full', async () => {
    const references = Array.from({ length: 95 }, (_, at) => `till:9/3/-/${at + 1}`)
    const afterOf = (domain: unknown[]) => Number((domain.at(-1) as unknown[])[2])
    const { context } = recordContext(async (request) => {
      const { method, params } = callOf(request)
      if (method !== 'model.sale.sale.search_read') return method in results ? accept(request) : answer([])
      const [domain, , limit] = params as [unknown[], number, number]
      const after = afterOf(domain)
      const found = references.slice(after, after + limit)
      return answer(found.map((reference, at) => ({ id: after + at + 1, reference, 'invoices.': [] })))
    })
    const read: string[] = []
    const day = connect().readStoreDay?.(
      { businessUnitId: '9', businessDayDate: '2026-03-02' },
      {
        ...context,
        fetch: async (url, request) => {
          const { method } = callOf({ ...request, url })
          return method === 'model.account.move.line.search_read' ? answer([]) : context.fetch(url, request)
        },
      },
    )
    for await (const record of day ?? []) read.push(record.reference)
    expect(read).toEqual(references)
  })
})

describe('what is refused before any call', () => {
  it.each([
    ['lines that do not make the total', makeSale(1, { totals: { grandTotal: '5.50', taxTotal: '0.80' } })],
    ['payments that do not make the total', makeSale(1, { lines: makeSale(1).lines.slice(0, 1) })],
  ])('%s', async (_name, receipt) => {
    const { context, sent } = recordContext(() => expect.unreachable())
    const outcome = await connect().postTransaction?.(makeEvent(receipt), context)
    expect([outcome?.kind, sent]).toEqual(['rejected', []])
  })

  it('a receipt whose lines were all voided is skipped with a reason', async () => {
    const [line] = makeSale(1).lines
    const voided = makeSale(1, { lines: line ? [{ ...line, voided: true }] : [], totals: { grandTotal: '0.00' } })
    const { context } = recordContext(() => expect.unreachable())
    expect(await connect().postTransaction?.(makeEvent(voided), context)).toMatchObject({ kind: 'skipped' })
  })

  it('cash management is skipped with a reason', async () => {
    const loan = makeSale(1, { transactionType: 'TENDER_LOAN', lines: [], cashMovement: { amount: '100.00' } })
    const { context } = recordContext(() => expect.unreachable())
    expect(await connect().postTransaction?.(makeEvent(loan), context)).toMatchObject({ kind: 'skipped' })
  })
})
