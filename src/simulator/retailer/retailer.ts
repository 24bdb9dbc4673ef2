import type { Transaction } from '../../domain/transaction/transaction.ts'
import { Agenda } from './agenda.ts'
import { Dice } from './dice.ts'
import { LoyaltyBook } from './loyalty.ts'
import { Neighbourhood } from './neighbourhood.ts'
import { addDays, hoursOf, loadOf, planStores, type StorePlan, workstationTypeOf } from './store-plan.ts'
import { simulateTillDay } from './till-day.ts'
import { newTillBooks, type TillBooks } from './till-tally.ts'

export interface RetailerOptions {
  seed: number
  storesCount: number
  tillsPerStore: number
  daysCount: number
  /** First business day, `YYYY-MM-DD`. */
  firstDay: string
  /** Shoppers of a till on an ordinary day; Saturdays, self check-outs and chance make it more or less. */
  receiptsPerTill: number
  /** Probability that a till begins a day with a new series of numbers, from 1. */
  numberResets?: number
}

/** One till on one day, not yet simulated: its transactions are made while they are taken. */
export interface TillDay {
  plan: StorePlan
  workstationId: string
  businessDayDate: string
  /** The series that began this morning, where one did. */
  newSeries: string | undefined
  /** Whether the till will trade again before the end. */
  isLastDay: boolean
  transactions(): Generator<Transaction>
}

/**
 * The stores of one country over all days. Countries have nothing in common, so they can run side by side; so can the tills of a
 * day. A day must be over before the next one begins.
 */
export class Region {
  readonly country: string
  readonly plans: readonly StorePlan[]
  readonly days: readonly string[]
  readonly #options: RetailerOptions
  readonly #neighbourhood: Neighbourhood
  readonly #books = new Map<string, TillBooks>()
  readonly #lastDays = new Map<StorePlan, string | undefined>()

  constructor(country: string, plans: readonly StorePlan[], options: RetailerOptions) {
    this.country = country
    this.plans = plans
    this.#options = options
    this.days = Array.from({ length: options.daysCount }, (_, day) => addDays(options.firstDay, day))
    this.#neighbourhood = new Neighbourhood({
      plans,
      agenda: new Agenda(),
      books: new Map(
        plans.map(({ profile, workstationIds }) => [
          profile.businessUnitId,
          new LoyaltyBook(profile.businessUnitId, workstationIds.length),
        ]),
      ),
      firstDay: options.firstDay,
      lastDay: this.days.at(-1) ?? options.firstDay,
    })
    for (const plan of plans)
      this.#lastDays.set(
        plan,
        this.days.findLast((day) => hoursOf(plan, day)),
      )
  }

  /** The tills that trade on a day. All of them must have been run to their end before the next day is asked for. */
  tillDays(businessDayDate: string): TillDay[] {
    return this.plans
      .filter((plan) => hoursOf(plan, businessDayDate))
      .flatMap((plan) =>
        plan.workstationIds.map((workstationId) => this.#tillDay(plan, workstationId, businessDayDate)),
      )
  }

  #tillDay(plan: StorePlan, workstationId: string, businessDayDate: string): TillDay {
    const { seed, receiptsPerTill, numberResets = 0 } = this.#options
    const { businessUnitId } = plan.profile
    const dice = Dice.named(seed, 'plan', businessUnitId, workstationId, businessDayDate)
    const name = `${businessUnitId}/${workstationId}`
    const books = this.#books.get(name) ?? newTillBooks()
    const isReset = books.zNumber > 0 && dice.chance(numberResets)
    if (isReset) beginSeries(books)
    this.#books.set(name, books)
    const load = loadOf(businessDayDate) * loadOfTill(plan, workstationId) * (0.8 + 0.4 * dice.next())
    const receiptsCount = Math.max(1, Math.round(receiptsPerTill * load))
    const neighbourhood = this.#neighbourhood
    return {
      plan,
      workstationId,
      businessDayDate,
      newSeries: isReset ? books.series : undefined,
      isLastDay: businessDayDate === this.#lastDays.get(plan),
      transactions: () =>
        simulateTillDay({ plan, workstationId, businessDayDate, receiptsCount, seed, books, neighbourhood }),
    }
  }
}

/** The retailer, country by country in the order in which it opened there. */
export function planRegions(options: RetailerOptions): Region[] {
  const plans = planStores(options.storesCount, options.tillsPerStore)
  const byCountry = Map.groupBy(plans, (plan) => plan.country)
  return [...byCountry].map(([country, ofCountry]) => new Region(country, ofCountry, options))
}

/** A till that forgot its numbers begins at 1 again, and the reset is recorded by the series that follows. */
function beginSeries(books: TillBooks): void {
  books.series = `R${Number(books.series?.slice(1) ?? 0) + 1}`
  books.nextSequence = 1
}

function loadOfTill(plan: StorePlan, workstationId: string): number {
  const type = workstationTypeOf(plan, workstationId)
  return type === 'SCO' ? 1.3 : type === 'MPOS' ? 0.4 : 1
}
