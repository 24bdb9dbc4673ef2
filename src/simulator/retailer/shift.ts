import type { TransactionLink } from '../../domain/transaction/transaction.ts'
import { Agenda, type Errand } from './agenda.ts'
import { type Amounts, amountsOf } from './amounts.ts'
import type { BasketLine } from './basket.ts'
import { Dice } from './dice.ts'
import { LoyaltyBook } from './loyalty.ts'
import { Neighbourhood } from './neighbourhood.ts'
import type { PaymentOptions } from './payment.ts'
import { type Promotions, promotionsOf } from './promotions.ts'
import { type Receipt, ringUp } from './receipt.ts'
import type { StorePlan } from './store-plan.ts'
import { newTillBooks, type TillBooks, TillTally } from './till-tally.ts'
import { TillWriter } from './till-writer.ts'

export interface TillDayOptions {
  plan: StorePlan
  workstationId: string
  businessDayDate: string
  receiptsCount: number
  seed: number
  /** Where the numbers begin, for a till without books of its own. */
  firstSequenceNumber?: number
  /** What the till keeps from day to day. */
  books?: TillBooks
  /** The other stores of the country; without them the day knows nothing of others. */
  neighbourhood?: Neighbourhood
}

/** A basket that was put aside, to be fetched again. */
export interface Suspended {
  sequenceNumber: number
  basket: BasketLine[]
}

/** A till at work: everything that its transactions are made from. */
export interface Shift {
  plan: StorePlan
  rules: StorePlan['rules']
  workstationId: string
  businessDayDate: string
  dice: Dice
  amounts: Amounts
  promotions: Promotions
  books: TillBooks
  writer: TillWriter
  tally: TillTally
  neighbourhood: Neighbourhood
  /** Its place among the tills of the store. */
  place: number
  hasDrawer: boolean
  errands: Errand[]
  suspended: Suspended | undefined
  /** How much of the day is over, from 0 to 1. */
  at: number
}

const quarterMs = 900_000

/** A till in the morning, with its own dice and whatever it was left to do. */
export function startShift(options: TillDayOptions, trading: { opensAtMs: number; closesAtMs: number }): Shift {
  const { plan, workstationId, businessDayDate, seed, receiptsCount } = options
  const { businessUnitId, numbersRestartDaily } = plan.profile
  const books = options.books ?? newTillBooks(options.firstSequenceNumber)
  if (numbersRestartDaily) books.nextSequence = options.firstSequenceNumber ?? 1
  const neighbourhood = options.neighbourhood ?? alone(options)
  const paceMs = (trading.closesAtMs - trading.opensAtMs) / Math.max(1, receiptsCount)
  const opensAtMs = trading.opensAtMs - quarterMs
  const writer = new TillWriter({ plan, workstationId, businessDayDate, books, opensAtMs, paceMs })
  const amounts = amountsOf(plan)
  return {
    plan,
    rules: plan.rules,
    workstationId,
    businessDayDate,
    dice: Dice.named(seed, 'till-day', businessUnitId, workstationId, businessDayDate),
    amounts,
    promotions: promotionsOf(plan, businessDayDate),
    books,
    writer,
    tally: new TillTally(plan, amounts),
    neighbourhood,
    place: Math.max(0, plan.workstationIds.indexOf(workstationId)),
    hasDrawer: writer.workstationType === 'POS',
    errands: neighbourhood.agenda.take(businessUnitId, workstationId, businessDayDate),
    suspended: undefined,
    at: 0,
  }
}

/** A day by itself: what is bought comes back today or never, and shoppers know this till only. */
function alone({ plan, workstationId, businessDayDate }: TillDayOptions): Neighbourhood {
  const { businessUnitId } = plan.profile
  const book = new LoyaltyBook(`${businessUnitId}-${workstationId}`, 1)
  return new Neighbourhood({
    plans: [plan],
    agenda: new Agenda(),
    books: new Map([[businessUnitId, book]]),
    firstDay: businessDayDate,
    lastDay: businessDayDate,
  })
}

/** Money is taken at this till as its kind allows. */
export function paymentAt({ hasDrawer }: Shift, options: Partial<PaymentOptions> = {}): PaymentOptions {
  return { takesCash: hasDrawer, mayTip: false, ...options }
}

export function ringUpAt(
  shift: Shift,
  basket: readonly BasketLine[],
  options: Omit<Parameters<typeof ringUp>[2], 'isSelfService'>,
): Receipt {
  return ringUp(shift, basket, { ...options, isSelfService: shift.writer.workstationType === 'SCO' })
}

/** The place that a link names. */
export function linkPlace(
  businessUnitId: string,
  workstationId: string,
  series: string | undefined,
): Pick<TransactionLink, 'businessUnitId' | 'workstationId' | 'series'> {
  return { businessUnitId, workstationId, ...(series !== undefined && { series }) }
}
