import type { StoreProfile } from '../../domain/store.ts'
import type { WorkstationType } from '../../domain/transaction/codes.ts'
import { type Country, countries, type Hours } from './countries.ts'

/** A store of the simulated retailer: where it is, how it taxes, when it is open, how busy its tills are. */
export interface StorePlan {
  profile: StoreProfile
  country: string
  rules: Country
  /** Percent that this store's price list is dearer than the country's. */
  priceZonePercent: number
  workstationIds: string[]
  /** Closes after midnight: its business day ends on the next morning. */
  closesLate: boolean
}

/** Three in the morning: an hour before the next business day begins, an hour after clocks change. */
const lateMinutes = 27 * 60

/** Stores 101, 102, ... over several countries, each with its tills. */
export function planStores(storesCount: number, tillsPerStore: number): StorePlan[] {
  return Array.from({ length: storesCount }, (_, index) => {
    const rules = countries[index % countries.length] as Country
    const round = Math.floor(index / countries.length)
    const { currency, smallestCoin, taxRounding, numbersRestartDaily = false, approvalLimit, timeZones } = rules
    return {
      country: rules.country,
      rules,
      priceZonePercent: [0, 4, -3][round % 3] ?? 0,
      closesLate: index % 6 === 1,
      profile: {
        businessUnitId: String(101 + index),
        timeZone: timeZones[round % timeZones.length] ?? 'UTC',
        currency,
        businessDayStartsAt: '04:00',
        numbersRestartDaily,
        taxRounding,
        approvalLimit,
        ...(smallestCoin !== undefined && { smallestCoin }),
      },
      workstationIds: Array.from({ length: tillsPerStore }, (_, till) => String(till + 1)),
    }
  })
}

/** The fourth till of a store is a self check-out, the fifth a mobile one, and so on; a till nobody planned is an ordinary one. */
export function workstationTypeOf({ workstationIds }: StorePlan, workstationId: string): WorkstationType {
  const kinds: WorkstationType[] = ['POS', 'POS', 'POS', 'SCO', 'MPOS']
  return kinds[workstationIds.indexOf(workstationId) % kinds.length] ?? 'POS'
}

/** When the store is open on a business day, or undefined when it is closed. */
export function hoursOf({ rules, closesLate }: StorePlan, businessDayDate: string): Hours | undefined {
  if (rules.holidays.includes(businessDayDate.slice(5))) return undefined
  const hours = rules.hours[weekdayOf(businessDayDate)]
  return hours && closesLate ? [hours[0], lateMinutes] : hours
}

/** How busy a day of the week is, Sunday first. */
const weekdayLoads = [0.7, 0.8, 0.85, 0.9, 1, 1.25, 1.5]

export function loadOf(businessDayDate: string): number {
  return weekdayLoads[weekdayOf(businessDayDate)] ?? 1
}

function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay()
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}
