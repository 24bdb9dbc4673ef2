import { resolveTimestamp } from '../../domain/time.ts'
import type { TransactionType } from '../../domain/transaction/codes.ts'
import type { Transaction, TransactionLink } from '../../domain/transaction/transaction.ts'
import { amountsOf } from './amounts.ts'
import { Dice } from './dice.ts'
import { type BasketLine, fillBasket, ringUp, type Till } from './sale.ts'
import type { StorePlan } from './store-plan.ts'

/** A sale that may come back. */
export interface RememberedSale {
  businessUnitId: string
  workstationId: string
  sequenceNumber: number
  currency: string
  basket: readonly BasketLine[]
}

export interface TillDayOptions {
  plan: StorePlan
  workstationId: string
  businessDayDate: string
  receiptsCount: number
  firstSequenceNumber: number
  seed: number
  /** Sales of all tills that can be returned; the day adds its own. */
  remembered: RememberedSale[]
}

/** What the day came to; the Z report prints it. */
interface Tally {
  netMinor: bigint
  taxMinor: bigint
  grossMinor: bigint
  byTender: Map<'CASH' | 'CREDIT_DEBIT' | 'GIFT_CARD', bigint>
  counts: { voids: number; returns: number; noSales: number }
}

/** One till from opening to Z report: contiguous numbers, every kind of transaction, figures that agree with each other. */
export function* simulateTillDay(options: TillDayOptions): Generator<Transaction> {
  const { plan, workstationId, receiptsCount, remembered } = options
  const dice = new Dice(options.seed, Number(plan.profile.businessUnitId) * 1_000 + Number(workstationId))
  const till: Till = { plan, amounts: amountsOf(plan), dice }
  const write = createWriter(options)
  const tally: Tally = {
    netMinor: 0n,
    taxMinor: 0n,
    grossMinor: 0n,
    byTender: new Map(),
    counts: { voids: 0, returns: 0, noSales: 0 },
  }
  const first = options.firstSequenceNumber

  yield write('WORKSTATION_OPEN')
  yield write('OPERATOR_SIGN_ON')
  yield write('TENDER_LOAN', { cashMovement: { amount: till.amounts.text(20_000n) } })
  for (let count = 0; count < receiptsCount; count += 1) {
    const roll = dice.next()
    if (roll < 0.02) {
      tally.counts.noSales += 1
      yield write('NO_SALE')
    } else if (roll < 0.03) yield write('SALE', { ...bare(till), trainingMode: true })
    else if (roll < 0.04) yield write('SUSPENDED', { ...bare(till), status: 'SUSPENDED' })
    else if (roll < 0.05) yield write('CANCELLED', { ...bare(till), status: 'CANCELLED' })
    else if (roll < 0.06)
      yield write('PAID_OUT', { cashMovement: { amount: till.amounts.text(-500n), reasonCode: 'WINDOW_CLEANING' } })
    else if (roll < 0.12 && remembered.length > 0) {
      tally.counts.returns += 1
      yield keepTally(tally, till, write('RETURN', returnOf(till, remembered)))
    } else if (roll < 0.13 && remembered.length > 0)
      yield keepTally(tally, till, write('EXCHANGE', exchangeOf(till, remembered)))
    else yield* sell(till, tally, write, remembered, dice)
  }
  yield write('TENDER_PICKUP', { cashMovement: { amount: till.amounts.text(-(tally.byTender.get('CASH') ?? 0n)) } })
  yield write('OPERATOR_SIGN_OFF')
  yield write('Z_REPORT', { zReport: zReportOf(till, tally, first, write.nextNumber()) })
}

type Writer = ((type: TransactionType, changes?: Partial<Transaction>) => Transaction) & { nextNumber(): number }

/** Gives every transaction its number and its time, one after the other. */
function createWriter({
  plan,
  workstationId,
  businessDayDate,
  firstSequenceNumber,
  receiptsCount,
  seed,
}: TillDayOptions): Writer {
  const { businessUnitId, timeZone, currency } = plan.profile
  let sequenceNumber = firstSequenceNumber
  // Nine in the morning to eight in the evening, evenly; the clock of the day matters less than its order.
  const stepSeconds = Math.max(1, Math.floor((11 * 3_600) / (receiptsCount + 8)))
  let second = 9 * 3_600 + (seed % 60)
  const write = (type: TransactionType, changes: Partial<Transaction> = {}): Transaction => {
    const clock = new Date(second * 1_000).toISOString().slice(11, 19)
    const ended = resolveTimestamp(`${businessDayDate}T${clock}`, timeZone)
    second = Math.min(second + stepSeconds, 86_399)
    return {
      schemaVersion: 1,
      transactionType: type,
      status: 'COMPLETED',
      businessUnitId,
      channel: 'POS',
      workstationId,
      sequenceNumber: sequenceNumber++,
      operatorId: `op${1 + (seed % 7)}`,
      businessDayDate,
      businessDayDateSource: 'REPORTED',
      ...(ended && { endDateTime: ended.timestamp }),
      currency,
      lines: [],
      ...changes,
    }
  }
  return Object.assign(write, { nextNumber: () => sequenceNumber })
}

/** A basket that is rung up and not paid. */
function bare(till: Till): Partial<Transaction> {
  const { lines, totals } = ringUp(till, fillBasket(till), { pay: false })
  return { lines, totals }
}

function* sell(
  till: Till,
  tally: Tally,
  write: Writer,
  remembered: RememberedSale[],
  dice: Dice,
): Generator<Transaction> {
  const basket = fillBasket(till)
  const customer = dice.chance(0.3) ? { loyaltyAccountId: `L${dice.between(1, 5_000)}` } : {}
  const sale = write('SALE', { ...paid(till, basket), ...customer })
  yield keepTally(tally, till, sale)
  if (dice.chance(0.01)) {
    tally.counts.voids += 1
    const link: TransactionLink = {
      linkType: 'POST_VOID_OF',
      sequenceNumber: sale.sequenceNumber ?? 0,
      reasonCode: 'CUSTOMER_LEFT',
    }
    const taken = basket.map((one, index) => ({
      ...one,
      quantity: -one.quantity,
      discountMinor: -one.discountMinor,
      originalLine: index + 1,
    }))
    yield keepTally(tally, till, write('POST_VOID', { ...paid(till, taken), links: [link] }))
    return
  }
  if (dice.chance(0.3)) {
    const { businessUnitId, workstationId = '', sequenceNumber = 0, currency } = sale
    remembered.push({ businessUnitId, workstationId, sequenceNumber, currency, basket })
    if (remembered.length > 500) remembered.shift()
  }
}

function paid(till: Till, basket: readonly BasketLine[]): Partial<Transaction> {
  const { lines, totals } = ringUp(till, basket, { pay: true })
  return { lines, totals }
}

/** Takes one line of an earlier sale back, now and then one of another till or store of the same money. */
function returnOf(till: Till, remembered: RememberedSale[]): Partial<Transaction> {
  const { basket, link } = takeBack(till, remembered)
  return { ...paid(till, basket), links: [link] }
}

function exchangeOf(till: Till, remembered: RememberedSale[]): Partial<Transaction> {
  const { basket, link } = takeBack(till, remembered)
  return { ...paid(till, [...basket, ...fillBasket(till)]), links: [{ ...link, linkType: 'EXCHANGE_OF' }] }
}

function takeBack(till: Till, remembered: RememberedSale[]): { basket: BasketLine[]; link: TransactionLink } {
  const same = remembered.filter((one) => one.currency === till.amounts.currency)
  const original = same.length > 0 ? till.dice.pick(same) : undefined
  const lines = original?.basket.map((one, index) => ({ one, index })).filter(({ one }) => !one.voided) ?? []
  if (!original || lines.length === 0)
    return { basket: blindReturn(till), link: { linkType: 'RETURN_OF', reasonCode: 'NO_RECEIPT' } }
  remembered.splice(remembered.indexOf(original), 1)
  const { one, index } = till.dice.pick(lines)
  return {
    basket: [{ ...one, quantity: -one.quantity, discountMinor: -one.discountMinor, originalLine: index + 1 }],
    link: {
      linkType: 'RETURN_OF',
      businessUnitId: original.businessUnitId,
      workstationId: original.workstationId,
      sequenceNumber: original.sequenceNumber,
    },
  }
}

function blindReturn(till: Till): BasketLine[] {
  return fillBasket(till)
    .slice(0, 1)
    .map((one) => ({ ...one, voided: false, quantity: -one.quantity, discountMinor: -one.discountMinor }))
}

function keepTally(tally: Tally, { plan, amounts }: Till, transaction: Transaction): Transaction {
  const minor = (text: string | undefined) => BigInt((text ?? '0').replace('.', ''))
  tally.netMinor += minor(transaction.totals?.netSales)
  tally.taxMinor += minor(transaction.totals?.taxTotal)
  tally.grossMinor += minor(transaction.totals?.grandTotal)
  for (const line of transaction.lines) {
    if (line.lineType !== 'TENDER') continue
    const type = line.tenderType as 'CASH' | 'CREDIT_DEBIT' | 'GIFT_CARD'
    tally.byTender.set(type, (tally.byTender.get(type) ?? 0n) + minor(line.amount))
  }
  if (plan.profile.currency !== amounts.currency) throw new RangeError('a till has one currency')
  return transaction
}

function zReportOf({ amounts }: Till, tally: Tally, first: number, next: number): NonNullable<Transaction['zReport']> {
  return {
    zNumber: 1,
    firstSequence: first,
    lastSequence: next - 1,
    transactionCount: next - first,
    voidCount: tally.counts.voids,
    returnCount: tally.counts.returns,
    noSaleCount: tally.counts.noSales,
    grossSales: amounts.text(tally.grossMinor),
    netSales: amounts.text(tally.netMinor),
    taxTotal: amounts.text(tally.taxMinor),
    tenders: [...tally.byTender].map(([tenderType, minor]) => ({ tenderType, amount: amounts.text(minor) })),
    openingFloat: amounts.text(20_000n),
  }
}
