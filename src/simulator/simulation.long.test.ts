import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateTransaction } from '../contract/transaction-schema.ts'
import { computeExactTotals, countingLines, isSaleLine, isTenderLine } from '../domain/compute-totals.ts'
import { type Decimal, decimal, formatDecimal, negate, sum } from '../domain/decimal.ts'
import { transactionKey } from '../domain/identity.ts'
import { postingKind } from '../domain/postable.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { type FaultName, noFaults, parseFaults } from './faults/fault-list.ts'
import { bodyOf, type TillUpload } from './faults/misbehave.ts'
import { Dice } from './retailer/dice.ts'
import { Simulation, type SimulationOptions } from './simulation.ts'
import type { StoreDayFigures, StoreDayTruth } from './truth/shape.ts'

const retailer = {
  seed: 3,
  storesCount: 10,
  tillsPerStore: 3,
  daysCount: 3,
  firstDay: '2026-03-12',
  receiptsPerTill: 25,
}

interface Run {
  simulation: Simulation
  /** By till and day on which they were uploaded. */
  uploads: Map<string, TillUpload[]>
  truth: StoreDayTruth[]
}

/** Runs everything; with dice the tills of a day take turns as they say. */
function run(options: Partial<SimulationOptions> = {}, dice?: Dice): Run {
  const simulation = new Simulation({ retailer, rates: noFaults, ...options })
  const uploads = new Map<string, TillUpload[]>()
  const truth: StoreDayTruth[] = []
  for (const region of simulation.regions) {
    for (const day of region.days) {
      const running = region.tillDays(day).map((tillDay) => {
        const taken: TillUpload[] = []
        uploads.set(`${tillDay.plan.profile.businessUnitId}/${tillDay.workstationId}/${day}`, taken)
        return { made: simulation.tillUploads(tillDay), taken }
      })
      while (running.length > 0) {
        const at = dice ? dice.between(0, running.length - 1) : 0
        const next = running[at]?.made.next()
        if (!next || next.done) running.splice(at, 1)
        else running[at]?.taken.push(next.value)
      }
      truth.push(...simulation.closeDay(region, day))
    }
  }
  return { simulation, uploads, truth }
}

const all = ({ uploads }: Run) => [...uploads.values()].flat()
const happened = (one: Run) =>
  all(one)
    .filter(({ kind }) => kind === 'receipt')
    .map((upload) => upload.happened)
const amount = (value: Decimal) => formatDecimal(value)
const same = (text: string) => formatDecimal(decimal(text))

/** A second fold of the same receipts, by the arithmetic of the checks and with exact decimals: it shares no line with the truth. */
function fold(transactions: readonly Transaction[]) {
  const receipts = transactions.filter((one) => postingKind(one) === 'sale')
  const totals = receipts.map(computeExactTotals)
  const lines = receipts.flatMap(countingLines)
  const moved = (type: string) =>
    amount(
      sum(
        transactions
          .filter((one) => one.transactionType === type)
          .map((one) => decimal(one.cashMovement?.amount ?? '0')),
      ),
    )
  const byName = (entries: readonly (readonly [string, Decimal])[]) =>
    Object.fromEntries(
      [...Map.groupBy(entries, ([name]) => name)]
        .map(([name, of]): [string, string] => [name, amount(sum(of.map(([, value]) => value)))])
        .sort(([left], [right]) => (left < right ? -1 : 1)),
    )
  return {
    grossSales: amount(sum(totals.map((one) => one.grossSales))),
    discounts: amount(sum(totals.map((one) => one.discounts))),
    netSales: amount(sum(totals.map((one) => one.netSales))),
    taxIncluded: amount(sum(totals.map((one) => one.taxIncluded))),
    taxAdded: amount(sum(totals.map((one) => one.taxAdded))),
    nonSales: amount(sum(totals.map((one) => one.nonSalesTotal))),
    tips: amount(sum(totals.map((one) => one.tip))),
    rounding: amount(sum(totals.map((one) => one.rounding))),
    grandTotal: amount(sum(totals.map((one) => one.tenderTotal))),
    tenders: byName(lines.filter(isTenderLine).map((line) => [line.tenderType, decimal(line.amount)])),
    // By the taxes of the lines; the truth counts those of the summary.
    taxes: byName(
      lines
        .filter(isSaleLine)
        .flatMap((line) => line.taxes ?? [])
        .map((tax) => [tax.ratePercent ?? '', decimal(tax.taxAmount ?? '0')]),
    ),
    stock: byName(lines.filter(isSaleLine).map((line) => [line.itemId, negate(decimal(line.quantity))])),
    loans: moved('TENDER_LOAN'),
    pickups: moved('TENDER_PICKUP'),
    paidIn: moved('PAID_IN'),
    paidOut: moved('PAID_OUT'),
    overShort: amount(
      sum(transactions.flatMap((one) => one.tillSession?.overShort ?? []).map((one) => decimal(one.amount))),
    ),
    receipts: receipts.length,
    transactions: transactions.length,
  }
}

function told(figures: StoreDayFigures): ReturnType<typeof fold> {
  const counted = (counts: Partial<Record<string, number>>) =>
    Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0)
  return {
    grossSales: same(figures.grossSales),
    discounts: same(figures.discounts),
    netSales: same(figures.netSales),
    taxIncluded: same(figures.taxIncluded),
    taxAdded: same(figures.taxAdded),
    nonSales: same(figures.nonSales),
    tips: same(figures.tips),
    rounding: same(figures.rounding),
    grandTotal: same(figures.grandTotal),
    tenders: Object.fromEntries(figures.tenders.map((one) => [one.tenderType, same(one.amount)])),
    taxes: Object.fromEntries(figures.taxes.map((one) => [one.ratePercent, same(one.tax)])),
    stock: Object.fromEntries(figures.stock.map((one) => [one.itemId, same(one.movement)])),
    loans: same(figures.cash.loans),
    pickups: same(figures.cash.pickups),
    paidIn: same(figures.cash.paidIn),
    paidOut: same(figures.cash.paidOut),
    overShort: same(figures.cash.overShort),
    receipts: counted(figures.receipts),
    transactions: counted(figures.transactions),
  }
}

const dayOf = (one: Pick<StoreDayTruth, 'businessUnitId' | 'businessDayDate'>) =>
  `${one.businessUnitId}/${one.businessDayDate}`

describe('the truth about a simulated retailer', { timeout: 60_000 }, () => {
  it('is the sum of its receipts, by another arithmetic, for every store, day and currency', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const one = run({ retailer: { ...retailer, seed } })
        const days = Map.groupBy(happened(one), dayOf)
        expect(one.truth.map(dayOf).sort()).toEqual([...days.keys()].sort())
        for (const storeDay of one.truth) expect(told(storeDay.sold)).toEqual(fold(days.get(dayOf(storeDay)) ?? []))
        expect(
          one.truth.every(({ planted, withheld, poisoned }) => planted.length === 0 && !withheld && !poisoned),
        ).toBe(true)
      }),
      { numRuns: 4 },
    )
  })

  it('stays the sum of what happened with every fault, and says what of it cannot be known', () => {
    const rates = parseFaults('heavy')
    const one = run({ rates })
    const clean = run()
    // Faults change what is told, not what is sold: but a reset changes numbers, so only sums are compared.
    expect(one.truth.map(({ sold }) => sold)).toEqual(clean.truth.map(({ sold }) => sold))
    const known = Map.groupBy(
      all(one)
        .filter(({ kind }) => kind === 'receipt')
        .map((upload) => upload.happened),
      dayOf,
    )
    for (const storeDay of one.truth) {
      const { sold, withheld } = storeDay
      const rest = fold(known.get(dayOf(storeDay)) ?? [])
      const missing = withheld ? told(withheld) : undefined
      expect(amount(sum([decimal(rest.grandTotal), decimal(missing?.grandTotal ?? '0')]))).toBe(same(sold.grandTotal))
      expect(rest.receipts + (missing?.receipts ?? 0)).toBe(told(sold).receipts)
    }
    expect(one.truth.some(({ withheld }) => withheld)).toBe(true)
    expect(one.truth.some(({ poisoned }) => poisoned)).toBe(true)
  })

  it('counts apart what a format has no words for', () => {
    const one = run({ canWrite: ({ transactionType }) => transactionType !== 'RETURN' })
    const returns = one.simulation.counts.leftOut.RETURN ?? 0
    expect(returns).toBeGreaterThan(5)
    expect(all(one).some(({ happened: { transactionType } }) => transactionType === 'RETURN')).toBe(false)
    expect(sumOf(one.truth.map(({ leftOut }) => leftOut?.receipts.RETURN ?? 0))).toBe(returns)
    expect(one.truth.map(({ sold }) => sold)).toEqual(run().truth.map(({ sold }) => sold))
  })

  it('is the same, like every upload, in whatever order tills are run', () => {
    const rates = parseFaults('heavy')
    const bytes = ({ uploads, truth }: Run) =>
      JSON.stringify([[...uploads].map(([name, of]) => [name, of.map(bodyOf)]), truth])
    const inTurn = bytes(run({ rates }))
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(bytes(run({ rates }, new Dice(seed)))).toBe(inTurn)
      }),
      { numRuns: 4 },
    )
    expect(bytes(run({ rates, retailer: { ...retailer, seed: 4 } }))).not.toBe(inTurn)
  })
})

describe('every fault at rate 1', { timeout: 60_000 }, () => {
  const at = (fault: FaultName) => {
    const one = run({ rates: { ...noFaults, [fault]: 1 } })
    const planted = one.truth.flatMap((storeDay) => storeDay.planted)
    expect(new Set(planted.map((entry) => entry.fault))).toEqual(new Set([fault]))
    expect(one.simulation.counts.planted).toEqual({ [fault]: planted.length })
    const keys = planted.flatMap(({ transactionKeys }) => transactionKeys)
    expect(new Set(keys).size).toBe(keys.length)
    const profiles = new Map(
      one.simulation.regions.flatMap(({ plans }) => plans).map(({ profile }) => [profile.businessUnitId, profile]),
    )
    const keyOf = (transaction: Transaction) =>
      transactionKey(transaction, profiles.get(transaction.businessUnitId) ?? { numbersRestartDaily: false }) ?? ''
    return { ...one, planted, keys: keys.sort(), keyOf, uploads: all(one), days: one.uploads }
  }
  const ordinary = ({ happened: { transactionType, trainingMode } }: TillUpload) =>
    transactionType === 'SALE' && !trainingMode

  it('lost: no sale is uploaded, all are named', () => {
    const { uploads, keys, truth } = at('lost')
    expect(uploads.some(ordinary)).toBe(false)
    expect(keys.length).toBe(sumOf(truth.map(({ sold }) => sold.receipts.SALE ?? 0)))
    expect(truth.map(({ withheld }) => withheld?.receipts.SALE)).toEqual(truth.map(({ sold }) => sold.receipts.SALE))
  })

  it('unreadable: every sale is a document of which no transaction can be made', () => {
    const { uploads, keys, keyOf } = at('unreadable')
    const broken = uploads.filter(ordinary)
    expect(broken.map(({ transaction }) => keyOf(transaction)).sort()).toEqual(keys)
    expect(broken.filter((upload) => validateTransaction(JSON.parse(bodyOf(upload))).valid)).toEqual([])
  })

  it('doubled: everything comes twice, with the same bytes', () => {
    const { uploads, keys, keyOf } = at('doubled')
    const twice = Map.groupBy(uploads, ({ transaction }) => keyOf(transaction))
    expect([...twice.keys()].sort()).toEqual(keys)
    for (const [one, other, ...more] of twice.values()) {
      expect([one?.kind, other?.kind, more.length]).toEqual(['receipt', 'again', 0])
      if (one && other) expect(bodyOf(other)).toBe(bodyOf(one))
    }
  })

  it('conflicting: the same number comes again with other content, after the first', () => {
    const { uploads, keys, keyOf } = at('conflicting')
    const byKey = Map.groupBy(uploads.filter(ordinary), ({ transaction }) => keyOf(transaction))
    expect([...byKey.keys()].sort()).toEqual(keys)
    for (const [one, other] of byKey.values()) {
      expect([one?.kind, other?.kind]).toEqual(['receipt', 'conflict'])
      if (one && other) expect(bodyOf(other)).not.toBe(bodyOf(one))
    }
  })

  it('reordered: receipts come after those that follow them', () => {
    const { days, keys, keyOf } = at('reordered')
    const late: string[] = []
    for (const uploads of days.values()) {
      for (const [index, { transaction }] of uploads.entries()) {
        const before = uploads[index - 1]?.transaction
        if (before && (before.sequenceNumber ?? 0) > (transaction.sequenceNumber ?? 0)) late.push(keyOf(transaction))
      }
    }
    expect(late.sort()).toEqual(keys)
    expect(late.length).toBeGreaterThan(100)
  })

  it('offline: a stretch is uploaded after newer receipts, some of it on the next day, all of it in the end', () => {
    const { uploads, days, keys, keyOf, planted } = at('offline')
    const offline = uploads.filter(({ transaction }) => transaction.offline)
    expect(offline.map(({ transaction }) => keyOf(transaction)).sort()).toEqual(keys)
    expect(uploads.length).toBe(run().simulation.counts.transactions)
    const nextDay = [...days].flatMap(([name, of]) =>
      of.filter(({ transaction }) => !name.endsWith(transaction.businessDayDate)),
    )
    expect(nextDay.length).toBeGreaterThan(50)
    const overNight = planted
      .filter(({ detail }) => detail?.uploaded === 'next day')
      .flatMap(({ transactionKeys }) => transactionKeys)
    expect(nextDay.map(({ transaction }) => keyOf(transaction)).sort()).toEqual(overNight.sort())
  })

  it('wrong-clock: ahead, behind or in 1970, with the right business day', () => {
    const { uploads, keys, keyOf, planted } = at('wrong-clock')
    expect(uploads.map(({ transaction }) => keyOf(transaction)).sort()).toEqual(keys)
    expect(new Set(planted.map(({ detail }) => detail?.clock))).toEqual(new Set(['ahead', 'behind', '1970']))
    const shifted = uploads.map(
      ({ transaction, happened: real }) =>
        Date.parse(transaction.endDateTime ?? '') - Date.parse(real.endDateTime ?? ''),
    )
    expect(shifted).not.toContain(0)
    expect(
      uploads.every(({ transaction, happened: real }) => transaction.businessDayDate === real.businessDayDate),
    ).toBe(true)
    expect(uploads.some(({ transaction }) => transaction.endDateTime?.startsWith('1970-01-01'))).toBe(true)
  })

  it('number-reset: each later day begins at 1 in a series of its own', () => {
    const { days, planted, keyOf } = at('number-reset')
    const firsts = [...days.values()].map(([first]) => first?.transaction)
    const reset = firsts.filter((first) => first?.series !== undefined)
    expect(reset.length).toBe(planted.length)
    expect(reset.every((first) => first?.sequenceNumber === 1)).toBe(true)
    expect(new Set(reset.map((first) => first?.series))).toEqual(new Set(['R1', 'R2']))
    const keys = [...days.values()].flat().map(({ transaction }) => keyOf(transaction))
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('poison: every sale has an item that nobody knows, or tenders that do not add up', () => {
    const { uploads, keys, keyOf, planted, truth } = at('poison')
    const sales = uploads.filter(ordinary)
    expect(sales.map(({ transaction }) => keyOf(transaction)).sort()).toEqual(keys)
    const unknown = sales.filter(({ transaction }) => JSON.stringify(transaction).includes('UNKNOWN-'))
    const unbalanced = sales.filter(({ transaction }) => {
      const totals = computeExactTotals(transaction)
      return amount(totals.tenderTotal) !== same(transaction.totals?.grandTotal ?? '0')
    })
    const how = (what: string) => planted.filter(({ detail }) => detail?.how === what).length
    expect([unknown.length, unbalanced.length]).toEqual([how('unknown-item'), how('unbalanced')])
    expect(unknown.length + unbalanced.length).toBe(sales.length)
    expect(truth.map(({ poisoned }) => poisoned?.grandTotal !== undefined)).not.toContain(false)
  })
})

describe('the rates of --faults', () => {
  it.each<[string, object]>([
    ['none', noFaults],
    ['lost=1', { ...noFaults, lost: 1 }],
    ['light,poison=0.5', { ...parseFaults('light'), poison: 0.5 }],
    ['heavy, lost=0', { ...parseFaults('heavy'), lost: 0 }],
  ])('%s', (text, rates) => expect(parseFaults(text)).toEqual(rates))

  it.each(['', 'lots', 'lost', 'lost=', 'lost=2', 'lost=-1', 'lost=1e-3', 'lsot=0.1', '__proto__=1', 'light;heavy'])(
    'refuses %j',
    (text) => expect(() => parseFaults(text)).toThrow(/--faults/),
  )
})

function sumOf(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
