import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import { checkTransaction } from '../../domain/checks/index.ts'
import { countingLines, isAmountLine, isSaleLine, isTenderLine, netOfLine } from '../../domain/compute-totals.ts'
import { currencyExponent } from '../../domain/currency.ts'
import { decimal, subtract, sum } from '../../domain/decimal.ts'
import { linkKey, transactionKey } from '../../domain/identity.ts'
import { businessDayOf } from '../../domain/time.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { Dice } from './dice.ts'
import { planRegions, type RetailerOptions } from './retailer.ts'
import type { StorePlan } from './store-plan.ts'

interface Made {
  transaction: Transaction
  plan: StorePlan
}

const usual: RetailerOptions = {
  seed: 1,
  storesCount: 12,
  tillsPerStore: 4,
  daysCount: 9,
  // New York changes its clocks on the third day, while the store that closes at three is open.
  firstDay: '2026-03-06',
  receiptsPerTill: 25,
  numberResets: 0.05,
}

function simulate(options: RetailerOptions): Made[] {
  const made: Made[] = []
  for (const region of planRegions(options))
    for (const day of region.days)
      for (const tillDay of region.tillDays(day))
        for (const transaction of tillDay.transactions()) made.push({ transaction, plan: tillDay.plan })
  return made
}

const keyOf = ({ transaction, plan }: Made) => transactionKey(transaction, plan.profile) ?? ''
const text = (made: readonly Made[]) => made.map(({ transaction }) => JSON.stringify(transaction)).join('\n')

// Thousands of receipts, each with every check: seconds on a machine that has something else to do as well.
describe('the simulated retailer', { timeout: 60_000 }, () => {
  let made: Made[]
  beforeAll(() => {
    made = simulate(usual)
  })

  it('rings up receipts that pass every check, in ten countries', () => {
    expect(made.length).toBeGreaterThan(10_000)
    expect(new Set(made.map(({ plan }) => plan.country)).size).toBe(10)
    const found = made.flatMap(({ transaction, plan }) => checkTransaction(transaction, plan.profile))
    // A drawer that is short and tenders that are not sales are told for information; nothing may be wrong.
    expect(found.filter(({ severity }) => severity !== 'info')).toEqual([])
    expect(new Set(found.map(({ check }) => check))).toEqual(new Set(['INV-11', 'INV-12']))
  })

  it('writes documents of the published schema, with the decimals of their currency', () => {
    const wrong = made.filter(({ transaction }) => {
      const decimals = currencyExponent(transaction.currency)
      const amounts: string[] = Object.values(transaction.totals ?? {})
      return (
        !validateTransaction(transaction).valid ||
        amounts.some((amount) => (amount.split('.')[1] ?? '').length !== decimals)
      )
    })
    expect(wrong).toEqual([])
    expect(new Set(made.map(({ transaction }) => transaction.currency))).toEqual(
      new Set(['EUR', 'USD', 'SEK', 'JPY', 'CHF', 'BHD', 'CAD', 'GBP', 'AUD']),
    )
  })

  it('has every kind of transaction a day has', () => {
    const kinds = new Set(made.map(({ transaction }) => transaction.transactionType))
    for (const kind of [
      ...['SALE', 'RETURN', 'EXCHANGE', 'POST_VOID', 'NO_SALE', 'SUSPENDED', 'CANCELLED', 'PAID_IN', 'PAID_OUT'],
      ...['GIFT_CARD_ISSUE', 'GIFT_CARD_RELOAD', 'TENDER_LOAN', 'TENDER_PICKUP', 'TILL_SETTLE', 'Z_REPORT'],
      ...['OPERATOR_SIGN_ON', 'OPERATOR_SIGN_OFF', 'WORKSTATION_OPEN', 'WORKSTATION_CLOSE'],
      ...['BUSINESS_DAY_OPEN', 'BUSINESS_DAY_CLOSE'],
    ] as const)
      expect(kinds).toContain(kind)
    expect(made.some(({ transaction }) => transaction.trainingMode)).toBe(true)
    expect(new Set(made.map(({ transaction }) => transaction.workstationType))).toEqual(new Set(['POS', 'SCO']))
    const lines = made.flatMap(({ transaction }) => transaction.lines)
    const has = (what: (line: (typeof lines)[number]) => unknown) => expect(lines.some(what)).toBe(true)
    has((line) => line.voided)
    has((line) => line.entryMethod === 'WEIGHED')
    has((line) => line.lineType === 'TIP')
    has((line) => line.lineType === 'ROUNDING')
    has((line) => isTenderLine(line) && line.foreignAmount)
    has((line) => isSaleLine(line) && line.taxes?.some((tax) => tax.exempt?.certificate))
    for (const method of ['PROMOTION', 'COUPON', 'LOYALTY', 'PRICE_OVERRIDE'])
      has((line) => isSaleLine(line) && line.priceModifiers?.some((one) => one.method === method))
    expect(Math.max(...made.map(({ transaction }) => transaction.lines.length))).toBeGreaterThan(80)
    expect(made.some(({ transaction }) => transaction.lines.filter(isTenderLine).length > 1)).toBe(true)
  })

  it('numbers every series of a till without a gap', () => {
    const series = Map.groupBy(made, ({ transaction, plan }) => {
      const { businessUnitId, workstationId, businessDayDate, series: name = '-' } = transaction
      const day = plan.profile.numbersRestartDaily ? businessDayDate : ''
      return [businessUnitId, workstationId, name, day].join('/')
    })
    expect([...series.keys()].some((name) => name.includes('/R1/'))).toBe(true)
    for (const of of series.values())
      expect(of.map(({ transaction }) => transaction.sequenceNumber)).toEqual(of.map((_, index) => index + 1))
    expect(new Set(made.map(keyOf)).size).toBe(made.length)
  })

  it('takes back what was sold before, never more of it than was sold, in other stores and on later days too', () => {
    const sold = new Map<string, Made>()
    const left = new Map<string, { quantity: number; net: number }>()
    let [elsewhere, later, twice] = [0, 0, 0]
    for (const one of made) {
      const { transaction, plan } = one
      sold.set(keyOf(one), one)
      for (const line of countingLines(transaction).filter(isSaleLine)) {
        if (line.lineType !== 'SALE') continue
        left.set(`${keyOf(one)}#${line.lineNumber}`, {
          quantity: Number(line.quantity),
          net: Number(decimal(line.netAmount ?? line.extendedAmount).unscaled),
        })
      }
      for (const link of transaction.links ?? []) {
        const key = linkKey(link, transaction, plan.profile) ?? ''
        const original = sold.get(key)
        if (!original) throw new Error(`${keyOf(one)} takes back ${key}, which nobody sold`)
        if (link.linkType === 'RESUMES') continue
        expect(original.plan.profile.currency).toBe(plan.profile.currency)
        if (original.plan !== plan) elsewhere += 1
        if (original.transaction.businessDayDate < transaction.businessDayDate) later += 1
        for (const line of countingLines(transaction).filter(isSaleLine)) {
          const number = line.originalLink?.lineNumber
          if (number === undefined) continue
          const rest = left.get(`${key}#${number}`)
          if (!rest) throw new Error(`${keyOf(one)} takes back line ${number} of ${key}`)
          const { lines } = original.transaction
          const soldLine = lines.find((other) => other.lineNumber === number)
          if (soldLine && isSaleLine(soldLine) && rest.quantity < Number(soldLine.quantity)) twice += 1
          rest.quantity += Number(line.quantity)
          rest.net += Number(decimal(line.netAmount ?? line.extendedAmount).unscaled)
          // All of it back is all of its money back.
          if (rest.quantity < 0 || rest.net < 0 || (rest.quantity === 0 && rest.net !== 0))
            expect.unreachable(`of line ${number} of ${key} ${rest.quantity} and ${rest.net} are left`)
        }
      }
    }
    for (const count of [elsewhere, later, twice]) expect(count).toBeGreaterThan(5)
  })

  it('voids a receipt with its exact opposite, at the same till on the same day', () => {
    const byKey = new Map(made.map((one) => [keyOf(one), one]))
    const voids = made.filter(({ transaction }) => transaction.transactionType === 'POST_VOID')
    expect(voids.length).toBeGreaterThan(20)
    for (const { transaction, plan } of voids) {
      const [link] = transaction.links ?? []
      const original = link && byKey.get(linkKey(link, transaction, plan.profile) ?? '')?.transaction
      expect(original?.businessDayDate).toBe(transaction.businessDayDate)
      expect(original?.workstationId).toBe(transaction.workstationId)
      expect(
        sum([decimal(original?.totals?.grandTotal ?? '1'), decimal(transaction.totals?.grandTotal ?? '1')]).unscaled,
      ).toBe(0n)
      const tenders = [...(original?.lines ?? []), ...transaction.lines].filter(isTenderLine)
      expect(sum(tenders.map((line) => decimal(line.amount))).unscaled).toBe(0n)
    }
  })

  it('exchanges evenly and unevenly', () => {
    const exchanges = made.filter(({ transaction }) => transaction.transactionType === 'EXCHANGE')
    const signs = exchanges.map(({ transaction }) => Math.sign(Number(transaction.totals?.grandTotal)))
    for (const sign of [-1, 0, 1]) expect(signs).toContain(sign)
  })

  it('keeps gift cards and points at what they say, and never below zero', () => {
    const balances = new Map<string, bigint>()
    let [cards, accounts] = [0, 0]
    const move = (name: string, by: bigint, after: string | undefined) => {
      const balance = (balances.get(name) ?? 0n) + by
      if (balance < 0n || (after !== undefined && balance !== decimal(after).unscaled))
        expect.unreachable(`${name} has ${balance}, the receipt says ${after}`)
      balances.set(name, balance)
    }
    // A day's tills ran one after the other here; what one person holds is at one till only on a day.
    for (const { transaction } of made) {
      for (const line of countingLines(transaction)) {
        if (isAmountLine(line) && line.lineType === 'GIFT_CARD') {
          cards += 1
          move(line.reference ?? '', decimal(line.amount).unscaled, line.balanceAfter)
        } else if (isTenderLine(line) && line.storedValue) {
          cards += 1
          const { maskedNumber = '', balanceAfter } = line.storedValue
          move(maskedNumber, -decimal(line.amount).unscaled, balanceAfter)
        } else if (line.lineType === 'LOYALTY') {
          accounts += 1
          const { pointsEarned = '0', pointsRedeemed = '0', pointsAdjusted = '0' } = line
          move(
            line.accountId ?? '',
            BigInt(pointsEarned) - BigInt(pointsRedeemed) + BigInt(pointsAdjusted),
            line.balanceAfter,
          )
        }
      }
    }
    expect(cards).toBeGreaterThan(100)
    expect(accounts).toBeGreaterThan(1_000)
  })

  it('closes every till with the totals of its day (INV-11) and its drawer (INV-12)', () => {
    let reports = 0
    for (const day of Map.groupBy(made, tillDayOf).values()) {
      const transactions = day.map(({ transaction }) => transaction)
      const report = transactions.find(({ zReport }) => zReport)?.zReport
      if (!report) throw new Error('a till was not closed')
      reports += 1
      const numbered = transactions.filter(
        ({ sequenceNumber = 0 }) =>
          sequenceNumber >= (report.firstSequence ?? 0) && sequenceNumber <= (report.lastSequence ?? 0),
      )
      expect(numbered.length).toBe(report.transactionCount)
      const receipts = numbered.filter(isForTheBooks)
      const tenders = new Map<string, bigint>()
      const taxes = new Map<string, bigint>()
      for (const line of receipts.flatMap(countingLines)) {
        if (isTenderLine(line))
          tenders.set(line.tenderType, (tenders.get(line.tenderType) ?? 0n) + decimal(line.amount).unscaled)
        if (isSaleLine(line))
          for (const { ratePercent = '', taxAmount = '0' } of line.taxes ?? [])
            taxes.set(ratePercent, (taxes.get(ratePercent) ?? 0n) + decimal(taxAmount).unscaled)
      }
      expect(new Map(report.tenders?.map((one) => [one.tenderType, decimal(one.amount).unscaled]))).toEqual(tenders)
      expect(new Map(report.salesByTaxRate?.map((one) => [one.ratePercent, decimal(one.tax).unscaled]))).toEqual(taxes)
      const nets = receipts.flatMap(countingLines).filter(isSaleLine).map(netOfLine)
      const net = sum(nets).unscaled
      const tax = sum([...taxes.values()].map((unscaled) => ({ unscaled, scale: 0 }))).unscaled
      expect(decimal(report.netSales ?? '0').unscaled).toBe(day[0]?.plan.rules.taxIncluded ? net - tax : net)
      expect(report.voidCount).toBe(receipts.filter((one) => one.transactionType === 'POST_VOID').length)
      expect(report.returnCount).toBe(receipts.filter((one) => one.transactionType === 'RETURN').length)
      expect(report.noSaleCount).toBe(numbered.filter((one) => one.transactionType === 'NO_SALE').length)
      const drawer = transactions.find(({ tillSession }) => tillSession)?.tillSession
      if (!drawer) continue
      const moved = (...types: string[]) =>
        sum(
          numbered
            .filter((one) => types.includes(one.transactionType))
            .map((one) => decimal(one.cashMovement?.amount ?? '0')),
        )
      expect(decimal(drawer.openingFloat ?? '0').unscaled).toBe(moved('TENDER_LOAN').unscaled)
      expect(decimal(drawer.pickups ?? '0').unscaled).toBe(-moved('TENDER_PICKUP').unscaled)
      expect(decimal(drawer.paidOut ?? '0').unscaled).toBe(-moved('PAID_OUT').unscaled)
      expect(decimal(drawer.paidIn ?? '0').unscaled).toBe(moved('PAID_IN').unscaled)
      const foreignValue = receipts
        .flatMap(countingLines)
        .filter(isTenderLine)
        .filter((line) => line.foreignAmount)
        .map((line) => decimal(line.tenderedAmount ?? '0'))
      const cash = subtract(
        { unscaled: tenders.get('CASH') ?? 0n, scale: currencyExponent(day[0]?.transaction.currency ?? '') ?? 2 },
        sum(foreignValue),
      )
      expect(subtract(decimal(drawer.cashSales ?? '0'), decimal(drawer.cashRefunds ?? '0')).unscaled).toBe(
        cash.unscaled,
      )
    }
    expect(reports).toBeGreaterThan(300)
  })

  it('counts up Z numbers and the grand total that cannot be reset', () => {
    const tills = Map.groupBy(
      made.filter(({ transaction }) => transaction.zReport),
      ({ transaction }) => `${transaction.businessUnitId}/${transaction.workstationId}`,
    )
    for (const till of tills.values()) {
      const reports = till.map(({ transaction }) => transaction.zReport)
      expect(reports.map((report) => report?.zNumber)).toEqual(reports.map((_, index) => index + 1))
      for (const [index, report] of reports.entries())
        expect(report?.nonResettableGrandTotal?.previous ?? '').toBe(
          reports[index - 1]?.nonResettableGrandTotal?.current ?? report?.nonResettableGrandTotal?.previous,
        )
    }
  })

  it('trades within opening hours, over midnight and over the change of clocks, in its business day', () => {
    let [late, atNight] = [0, 0]
    for (const day of Map.groupBy(made, tillDayOf).values()) {
      let before = 0
      for (const { transaction, plan } of day) {
        const { beginDateTime = '', endDateTime = '', businessDayDate } = transaction
        const [beginMs, endMs] = [Date.parse(beginDateTime), Date.parse(endDateTime)]
        if (businessDayOf(endDateTime, plan.profile) !== businessDayDate || beginMs < before || endMs < beginMs)
          expect.unreachable(`${beginDateTime} to ${endDateTime} on ${businessDayDate}`)
        before = endMs
        if (endDateTime.slice(0, 10) > businessDayDate) late += 1
        // Between two and three on the eighth of March there is no time in New York.
        if (/^2026-03-08T02/.test(endDateTime) && plan.profile.timeZone === 'America/New_York') atNight += 1
      }
    }
    expect(late).toBeGreaterThan(100)
    expect(atNight).toBe(0)
    const berlin = made
      .filter(({ plan }) => plan.country === 'DE')
      .map(({ transaction }) => transaction.businessDayDate)
    // Closed on Sundays.
    expect(berlin).not.toContain('2026-03-08')
    expect(berlin).toContain('2026-03-09')
  })

  it('gives the same bytes for the same seed, and others for another', () => {
    const small = { ...usual, storesCount: 4, daysCount: 3, receiptsPerTill: 10 }
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(text(simulate({ ...small, seed }))).toBe(text(simulate({ ...small, seed })))
        expect(text(simulate({ ...small, seed }))).not.toBe(text(simulate({ ...small, seed: seed + 1 })))
      }),
      { numRuns: 5 },
    )
  })

  it('gives the same bytes in whatever order the tills of a day are run', () => {
    const options = { ...usual, storesCount: 12, daysCount: 4, receiptsPerTill: 15 }
    const inTurn = Map.groupBy(simulate(options), tillDayOf)
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const mixed = Map.groupBy(simulateMixed(options, new Dice(seed)), tillDayOf)
        expect(mixed.size).toBe(inTurn.size)
        for (const [name, day] of inTurn) expect(text(mixed.get(name) ?? [])).toBe(text(day))
      }),
      { numRuns: 5 },
    )
  })
})

function tillDayOf({ transaction }: Made): string {
  return `${transaction.businessUnitId}/${transaction.workstationId}/${transaction.businessDayDate}`
}

function isForTheBooks({ status, trainingMode, lines }: Transaction): boolean {
  return status === 'COMPLETED' && !trainingMode && lines.length > 0
}

/** Tills of a day take turns as the dice say, receipt by receipt; so do the countries. */
function simulateMixed(options: RetailerOptions, dice: Dice): Made[] {
  const made: Made[] = []
  for (const region of planRegions(options).reverse()) {
    for (const day of region.days) {
      const running = region.tillDays(day).map(({ plan, transactions }) => ({ plan, tills: transactions() }))
      while (running.length > 0) {
        const at = dice.between(0, running.length - 1)
        const one = running[at]
        const next = one?.tills.next()
        if (!one || !next || next.done) running.splice(at, 1)
        else made.push({ transaction: next.value, plan: one.plan })
      }
    }
  }
  return made
}
