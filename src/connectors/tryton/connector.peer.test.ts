import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenTryton, openTryton, requireTryton } from '../../../test/peers/tryton/open-tryton.ts'
import { readStock, readTotals } from '../../../test/peers/tryton/tryton-totals.ts'
import type { Connection, ConnectorContext, DeliveryEvent, Outcome, TargetDocument } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { rememberSteps } from '../../testing/connector/context.ts'
import { makeEvent } from '../../testing/connector/events.ts'
import { describeRealTarget } from '../../testing/connector-conformance.ts'
import { type HttpFaultProxy, startHttpFaultProxy } from '../../testing/fault-proxy/http-fault-proxy.ts'
import { makeSale } from '../../testing/receipts.ts'
import { tryton } from './connector.ts'

/** Answers that are lost here, and nobody's receipts but ours in the books. */
interface Scene extends OpenTryton {
  proxy: HttpFaultProxy
  fetch: ReturnType<typeof createGuardedFetch>
  connect(changes?: { password?: string }): Connection
  stop(): Promise<void>
}

async function openScene(): Promise<Scene | undefined> {
  const opened = await openTryton()
  if (!opened) return undefined
  const proxy = await startHttpFaultProxy(opened.address.url)
  const fetch = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 60_000 })
  const settings = { ...opened.address, url: proxy.url }
  return {
    ...opened,
    proxy,
    fetch,
    connect: (changes = {}) =>
      tryton.connect({ ...settings, ...changes }, { logger: silentLogger, allowPrivateNetwork: true }),
    stop: async () => {
      await fetch.close()
      await proxy.stop()
      await opened.drop()
    },
  }
}

const isThere = (await requireTryton()) !== undefined

describe.skipIf(!isThere)('Tryton', () => {
  describeRealTarget(tryton, async () => {
    const scene = await openScene()
    if (!scene) throw new Error('Tryton was there a moment ago')
    return {
      settings: { ...scene.address, url: scene.proxy.url },
      fetch: scene.fetch,
      countEffects: async () =>
        (await scene.api.call('model.sale.sale.search_count', [['invoices.state', '!=', 'draft']])) as number,
      dayReceiptsCount: 5,
      loseAnswers: async (lose) => {
        scene.proxy.decide = (body) => (lose && body.includes('model.sale.sale.create') ? 'lose-answer' : 'pass')
      },
      stop: scene.stop,
    }
  })

  describe('receipts', () => {
    let scene: Scene
    let connection: Connection
    beforeAll(async () => {
      const opened = await openScene()
      if (!opened) throw new Error('Tryton was there a moment ago')
      scene = opened
      connection = scene.connect()
    })
    afterAll(() => scene?.stop())

    const contextOf = (attempt = 1, done?: Map<string, TargetDocument>): ConnectorContext => ({
      fetch: scene.fetch,
      logger: silentLogger,
      now: () => Date.now(),
      signal: AbortSignal.timeout(120_000),
      attempt,
      idempotencyKey: 'x',
      steps: rememberSteps(done),
    })
    const post = (event: DeliveryEvent, context = contextOf(), by = connection): Promise<Outcome> =>
      by.postTransaction?.(event, context) ?? expect.unreachable()
    /** As delivery does, which tries again what Tryton could not do just now. */
    const postUntilDelivered = async (event: DeliveryEvent, records: Map<string, TargetDocument>): Promise<Outcome> => {
      const by = scene.connect()
      let outcome = await post(event, contextOf(1, records), by)
      for (let attempt = 2; attempt <= 3 && outcome.kind === 'retry'; attempt += 1) {
        outcome = await post(event, contextOf(attempt, records), by)
      }
      return outcome
    }
    const vat = (ratePercent: string, taxAmount: string, includedInPrice = true) => [
      { taxType: 'VAT' as const, ratePercent, taxAmount, includedInPrice },
    ]
    const sold = (itemId: string, quantity: string, extendedAmount: string, taxes = vat('19', '0')) => ({
      lineType: quantity.startsWith('-') ? ('RETURN' as const) : ('SALE' as const),
      itemId,
      itemType: 'STOCK' as const,
      quantity,
      extendedAmount,
      taxes,
    })
    const paid = (tenderType: 'CASH' | 'CREDIT_DEBIT' | 'GIFT_CARD', amount: string) => ({
      lineType: 'TENDER' as const,
      tenderType,
      amount,
    })
    type Bare =
      | ReturnType<typeof sold>
      | ReturnType<typeof paid>
      | { lineType: 'TIP' | 'ROUNDING' | 'GIFT_CARD'; amount: string }
    const receipt = (number: number, lines: Bare[], total: string, tax: string, changes: Partial<Transaction> = {}) =>
      makeEvent(
        makeSale(number, {
          lines: lines.map((line, at) => ({ lineNumber: at + 1, ...line })),
          totals: { grandTotal: total, taxTotal: tax },
          ...changes,
        }),
      )

    it('of every kind are in the books to the cent, and the goods out of the store to the gram', async () => {
      const day = { businessDayDate: '2026-05-04' }
      const us = { ...day, businessUnitId: '301', currency: 'USD' }
      const jp = { ...day, businessUnitId: '401', currency: 'JPY' }
      const links = [{ linkType: 'RETURN_OF' as const, sequenceNumber: 1 }]
      const events = [
        receipt(1, [sold('A', '3', '10.00', vat('19', '1.60')), sold('B', '0.334', '2.00', vat('7', '0.13')), paid('CREDIT_DEBIT', '7.00'), paid('CASH', '5.00')], '12.00', '1.73', day),
        receipt(2, [sold('A', '-1', '-3.33', vat('19', '-0.53')), paid('CASH', '-3.33')], '-3.33', '-0.53', { ...day, transactionType: 'RETURN', links }),
        receipt(3, [sold('A', '-1', '-3.33', vat('19', '-0.53')), sold('C', '1', '3.33', vat('19', '0.53'))], '0.00', '0.00', { ...day, transactionType: 'EXCHANGE', links }),
        receipt(4, [sold('D', '1000', '33.33', vat('19', '5.32')), { lineType: 'ROUNDING', amount: '0.02' }, paid('GIFT_CARD', '33.35')], '33.35', '5.32', day),
        receipt(5, [{ lineType: 'GIFT_CARD', amount: '25.00' }, paid('CASH', '25.00')], '25.00', '0.00', day),
        receipt(1, [sold('A', '3', '10.00', vat('8.875', '0.8875', false)), { lineType: 'TIP', amount: '2.00' }, paid('CREDIT_DEBIT', '12.89')], '12.89', '0.89', us),
        receipt(1, [sold('A', '3', '1000', vat('10', '91')), paid('CASH', '600'), paid('CREDIT_DEBIT', '400')], '1000', '91', jp),
      ] // biome-ignore format: a table reads better in rows
      for (const event of events) {
        const outcome = await post(event)
        expect(outcome.kind, JSON.stringify(outcome)).toBe('delivered')
        if (outcome.kind === 'delivered')
          expect(await connection.findPosting?.(event, contextOf())).toEqual(outcome.documents)
      }
      expect(await readTotals(scene.api)).toEqual({
        tenders: {
          '301 2026-05-04 CREDIT_DEBIT': '12.89',
          '401 2026-05-04 CASH': '600',
          '401 2026-05-04 CREDIT_DEBIT': '400',
          '9 2026-05-04 CASH': '26.67',
          '9 2026-05-04 CREDIT_DEBIT': '7',
          '9 2026-05-04 GIFT_CARD': '33.35',
        },
        taxes: {
          '301 2026-05-04 TILL-VAT-8.875': '0.89',
          '401 2026-05-04 TILL-VAT-10': '91',
          '9 2026-05-04 TILL-VAT-19': '6.39',
          '9 2026-05-04 TILL-VAT-7': '0.13',
        },
        invoiced: { '301 2026-05-04': '10.89', '401 2026-05-04': '1000', '9 2026-05-04': '42' },
        invoicesCount: 6,
        openCount: 0,
      })
      expect(await readStock(scene.api, '9')).toEqual({ A: '-1', B: '-0.334', C: '-1', D: '-1000' })
      expect(await readStock(scene.api, '301')).toEqual({ A: '-3' })
      const [back] = await scene.api.searchRead('sale.sale', [['reference', '=', 'till:9/3/-/2']], ['origin'])
      const [sale] = await scene.api.searchRead('sale.sale', [['reference', '=', 'till:9/3/-/1']], ['id'])
      expect(back?.origin).toBe(`sale.sale,${sale?.id}`)
    })

    it('say what was paid and taxed in the store day that is read back', async () => {
      const records = []
      const day = { businessUnitId: '9', businessDayDate: '2026-05-04' }
      for await (const record of connection.readStoreDay?.(day, contextOf()) ?? []) records.push(record)
      expect(records.map((record) => record.reference)).toEqual([1, 2, 3, 4, 5].map((number) => `till:9/3/-/${number}`))
      expect(records[0]).toMatchObject({
        tenders: [
          { tenderType: 'CREDIT_DEBIT', amount: '7' },
          { tenderType: 'CASH', amount: '5' },
        ],
        taxes: [
          { taxId: 'TILL-VAT-19', amount: '1.60' },
          { taxId: 'TILL-VAT-7', amount: '0.13' },
        ],
      })
      expect(records[4]).toMatchObject({ tenders: [{ tenderType: 'CASH', amount: '25' }] })
    })

    it('have one effect wherever the process dies: after any request, before its answer, and with or without its records', async () => {
      const before = await readTotals(scene.api)
      let number = 100
      let requests = Number.POSITIVE_INFINITY
      let deaths = 0
      for (let deadly = 1; deadly <= requests; deadly += 1) {
        const event = makeEvent(makeSale(number++, { businessUnitId: '77' }))
        const done = new Map<string, TargetDocument>()
        let count = 0
        scene.proxy.decide = (body) => {
          // The receipt's own documents; what they refer to is looked for by code before it is made.
          if (!/"model\.(sale|account\.invoice|stock\.move|account\.move)\b/.test(body)) return 'pass'
          count += 1
          return count === deadly ? 'lose-answer' : 'pass'
        }
        const first = await post(event, contextOf(1, done), scene.connect())
        scene.proxy.decide = () => 'pass'
        if (first.kind === 'delivered') {
          requests = count
          continue
        }
        deaths += 1
        // Every other one has lost its records too: Tryton itself is looked at.
        const records = deaths % 2 === 0 ? new Map<string, TargetDocument>() : done
        const resumed = await postUntilDelivered(event, records)
        expect(resumed.kind, `after request ${deadly}: ${JSON.stringify(resumed)}`).toBe('delivered')
        expect(await connection.findPosting?.(event, contextOf())).toHaveLength(4)
      }
      expect(deaths).toBeGreaterThanOrEqual(12)
      const after = await readTotals(scene.api)
      const receipts = number - 100
      expect(after.invoicesCount - before.invoicesCount).toBe(receipts)
      expect(after.openCount).toBe(0)
      expect(after.tenders['77 2026-03-02 CASH']).toBe(String(5 * receipts))
      expect(await readStock(scene.api, '77')).toEqual({ '4711': String(-2 * receipts) })
    }, 600_000)

    it('wait while the credentials are refused, and go on with the right ones', async () => {
      const event = makeEvent(makeSale(900, { businessUnitId: '78' }))
      const wrong = scene.connect({ password: 'no longer' })
      expect(await post(event, contextOf(), wrong)).toEqual({
        kind: 'retry',
        reason: 'Tryton refuses the user name and password',
      })
      expect((await post(event)).kind).toBe('delivered')
    })

    it('log in again when Tryton has ended the session', async () => {
      await scene.endSessions()
      expect((await post(makeEvent(makeSale(901, { businessUnitId: '78' })))).kind).toBe('delivered')
    })

    it('are parked with the reason where Tryton says no, and a gateway in trouble is asked again', async () => {
      const early = makeEvent(makeSale(902, { businessUnitId: '78', businessDayDate: '2019-01-01' }))
      expect(await post(early)).toEqual({ kind: 'rejected', reason: 'Tryton has no accounting period for 2019-01-01' })
      scene.proxy.decide = (body) => (body.includes('sale.quote') ? 'error-500' : 'pass')
      const event = makeEvent(makeSale(903, { businessUnitId: '78' }))
      expect((await post(event)).kind).toBe('unknown')
      scene.proxy.decide = () => 'pass'
      expect(await connection.findPosting?.(event, contextOf())).toBeUndefined()
      expect((await post(event, contextOf(2))).kind).toBe('delivered')
    })
  })
})
