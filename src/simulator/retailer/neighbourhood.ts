import { daysBetween } from '../../domain/time.ts'
import type { Agenda } from './agenda.ts'
import type { Dice } from './dice.ts'
import type { LoyaltyBook } from './loyalty.ts'
import { addDays, hoursOf, type StorePlan, workstationTypeOf } from './store-plan.ts'

/** Where and when an errand can be done. */
export interface Appointment {
  plan: StorePlan
  workstationId: string
  businessDayDate: string
}

/** The stores of one country: what was bought in one can be taken back to another, for the same money, until the last day. */
export class Neighbourhood {
  readonly agenda: Agenda
  readonly #plans: readonly StorePlan[]
  readonly #books: ReadonlyMap<string, LoyaltyBook>
  readonly #firstDay: string
  readonly #lastDay: string

  constructor(options: {
    plans: readonly StorePlan[]
    agenda: Agenda
    books: ReadonlyMap<string, LoyaltyBook>
    firstDay: string
    lastDay: string
  }) {
    this.agenda = options.agenda
    this.#plans = options.plans
    this.#books = options.books
    this.#firstDay = options.firstDay
    this.#lastDay = options.lastDay
  }

  bookOf(plan: StorePlan): LoyaltyBook | undefined {
    return this.#books.get(plan.profile.businessUnitId)
  }

  dayNumber(businessDayDate: string): number {
    return daysBetween(this.#firstDay, businessDayDate)
  }

  /** A later day, now and then another store of the country; undefined when that is after the last day. */
  laterVisit(plan: StorePlan, today: string, dice: Dice): Appointment | undefined {
    const elsewhere = dice.chance(0.2) ? dice.pick(this.#plans) : plan
    const businessDayDate = this.#tradingDayFrom(elsewhere, addDays(today, dice.longTail(3, 21)))
    const counters = elsewhere.workstationIds.filter((id) => workstationTypeOf(elsewhere, id) === 'POS')
    if (businessDayDate === undefined || counters.length === 0) return undefined
    return { plan: elsewhere, workstationId: dice.pick(counters), businessDayDate }
  }

  /** As `laterVisit`, to the till that the account goes to on that day, so that its balance has one writer. */
  laterVisitOf(account: number, plan: StorePlan, today: string, dice: Dice): Appointment | undefined {
    const book = this.bookOf(plan)
    let date = this.#tradingDayFrom(plan, addDays(today, dice.longTail(3, 21)))
    for (let tries = 0; book && date !== undefined && tries <= plan.workstationIds.length; tries += 1) {
      const workstationId = plan.workstationIds[book.tillOn(account, this.dayNumber(date))]
      if (workstationId !== undefined && workstationTypeOf(plan, workstationId) === 'POS')
        return { plan, workstationId, businessDayDate: date }
      date = this.#tradingDayFrom(plan, addDays(date, 1))
    }
    return undefined
  }

  #tradingDayFrom(plan: StorePlan, date: string): string | undefined {
    for (let day = date; day <= this.#lastDay; day = addDays(day, 1)) if (hoursOf(plan, day)) return day
    return undefined
  }
}
