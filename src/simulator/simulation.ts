import { transactionKey } from '../domain/identity.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { type FaultName, type FaultRates, inOrder } from './faults/fault-list.ts'
import { type FaultLog, misbehave, type TillUpload } from './faults/misbehave.ts'
import { Dice } from './retailer/dice.ts'
import { planRegions, type Region, type RetailerOptions, type TillDay } from './retailer/retailer.ts'
import type { StoreDayTruth } from './truth/shape.ts'
import { StoreDay } from './truth/store-days.ts'

export interface SimulationOptions {
  retailer: Omit<RetailerOptions, 'numberResets'>
  rates: FaultRates
  /** What the format has words for; default: everything. */
  canWrite?: (transaction: Transaction) => boolean
}

/** What a simulation came to so far. */
export interface SimulationCounts {
  transactions: number
  receipts: number
  planted: Partial<Record<FaultName, number>>
  /** By transaction type: what the format has no words for. */
  leftOut: Partial<Record<Transaction['transactionType'], number>>
}

/**
 * A retailer at work, its tills' faults and the truth about both. Everything is made while it is taken: nothing is kept of a till's
 * day but its sums. The tills of a region's day may be taken in any order or side by side and give the same.
 */
export class Simulation {
  readonly regions: readonly Region[]
  readonly #counts: SimulationCounts = { transactions: 0, receipts: 0, planted: {}, leftOut: {} }
  readonly #options: SimulationOptions
  readonly #storeDays = new Map<string, StoreDay>()
  readonly #backlogs = new Map<string, TillUpload[]>()

  constructor(options: SimulationOptions) {
    this.#options = options
    this.regions = planRegions({ ...options.retailer, numberResets: options.rates['number-reset'] })
  }

  get counts(): SimulationCounts {
    const leftOut = Object.entries(this.#counts.leftOut).sort(([left], [right]) => (left < right ? -1 : 1))
    return { ...this.#counts, planted: inOrder(this.#counts.planted), leftOut: Object.fromEntries(leftOut) }
  }

  /** What a till sends on a day, in its order. */
  tillUploads(tillDay: TillDay): Generator<TillUpload> {
    const { plan, workstationId, businessDayDate, isLastDay } = tillDay
    const { businessUnitId, timeZone } = plan.profile
    const till = `${businessUnitId}/${workstationId}`
    const backlog = this.#backlogs.get(till) ?? []
    this.#backlogs.set(till, backlog)
    const storeDay = this.#storeDay(tillDay)
    return misbehave(this.#observe(tillDay, storeDay), {
      rates: this.#options.rates,
      dice: Dice.named(this.#options.retailer.seed, 'faults', till, businessDayDate),
      log: this.#logOf(tillDay, storeDay),
      timeZone,
      backlog,
      hasTomorrow: !isLastDay,
    })
  }

  /** The truth of a region's day, store by store, when all of its tills are done. */
  closeDay(region: Region, businessDayDate: string): StoreDayTruth[] {
    return region.plans.flatMap(({ profile }) => {
      const name = `${profile.businessUnitId}/${businessDayDate}`
      const storeDay = this.#storeDays.get(name)
      this.#storeDays.delete(name)
      return storeDay ? [storeDay.close()] : []
    })
  }

  /** Writes every transaction into the truth before anything can happen to it. */
  *#observe(tillDay: TillDay, storeDay: StoreDay): Generator<Transaction> {
    const { canWrite } = this.#options
    let isFirst = true
    for (const transaction of tillDay.transactions()) {
      if (isFirst && tillDay.newSeries !== undefined)
        this.#logOf(tillDay, storeDay).plant('number-reset', [transaction], { series: tillDay.newSeries })
      isFirst = false
      this.#counts.transactions += 1
      if (storeDay.add('sold', transaction)) this.#counts.receipts += 1
      if (canWrite?.(transaction) === false) {
        storeDay.add('leftOut', transaction)
        const { transactionType } = transaction
        this.#counts.leftOut[transactionType] = (this.#counts.leftOut[transactionType] ?? 0) + 1
      } else yield transaction
    }
  }

  #logOf({ plan, workstationId }: TillDay, storeDay: StoreDay): FaultLog {
    const { planted } = this.#counts
    return {
      plant: (fault, transactions, detail) => {
        planted[fault] = (planted[fault] ?? 0) + 1
        const transactionKeys = transactions.map((one) => transactionKey(one, plan.profile) ?? '')
        storeDay.plant({ fault, workstationId, transactionKeys, ...(detail && { detail }) })
      },
      withhold: (transaction) => storeDay.add('withheld', transaction),
      poison: (transaction) => storeDay.add('poisoned', transaction),
    }
  }

  #storeDay({ plan, businessDayDate }: TillDay): StoreDay {
    const name = `${plan.profile.businessUnitId}/${businessDayDate}`
    const storeDay = this.#storeDays.get(name) ?? new StoreDay(plan, businessDayDate)
    this.#storeDays.set(name, storeDay)
    return storeDay
  }
}
