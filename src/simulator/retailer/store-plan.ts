import type { StoreProfile } from '../../domain/store.ts'

/** A store of the simulated retailer: where it is, how it taxes, how busy its tills are. */
export interface StorePlan {
  profile: StoreProfile
  country: string
  /** Percent by tax category; prices contain the tax where `taxIncluded`. */
  taxRates: { standard: string; reduced: string }
  taxIncluded: boolean
  /** What one unit of the price list costs here, in minor units. */
  priceFactor: number
  workstationIds: string[]
}

type Country = Omit<StorePlan, 'profile' | 'workstationIds'> &
  Pick<StoreProfile, 'timeZone' | 'currency' | 'smallestCoin'>

const countries: readonly Country[] = [
  {
    country: 'DE',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
    taxRates: { standard: '19', reduced: '7' },
    taxIncluded: true,
    priceFactor: 1,
  },
  {
    country: 'US',
    timeZone: 'America/New_York',
    currency: 'USD',
    taxRates: { standard: '8.875', reduced: '0' },
    taxIncluded: false,
    priceFactor: 1,
  },
  {
    country: 'SE',
    timeZone: 'Europe/Stockholm',
    currency: 'SEK',
    smallestCoin: '1',
    taxRates: { standard: '25', reduced: '12' },
    taxIncluded: true,
    priceFactor: 11,
  },
  {
    country: 'JP',
    timeZone: 'Asia/Tokyo',
    currency: 'JPY',
    taxRates: { standard: '10', reduced: '8' },
    taxIncluded: true,
    priceFactor: 1.6,
  },
  {
    country: 'CH',
    timeZone: 'Europe/Zurich',
    currency: 'CHF',
    smallestCoin: '0.05',
    taxRates: { standard: '8.1', reduced: '2.6' },
    taxIncluded: true,
    priceFactor: 1,
  },
]

/** Stores 101, 102, ... over several countries, each with its tills. */
export function planStores(storesCount: number, tillsPerStore: number): StorePlan[] {
  return Array.from({ length: storesCount }, (_, index) => {
    const country = countries[index % countries.length] as Country
    const { timeZone, currency, smallestCoin, ...rest } = country
    return {
      ...rest,
      profile: {
        businessUnitId: String(101 + index),
        timeZone,
        currency,
        businessDayStartsAt: '04:00',
        numbersRestartDaily: false,
        taxRounding: 'TOTAL',
        approvalLimit: currency === 'SEK' ? '2000' : currency === 'JPY' ? '30000' : '200',
        ...(smallestCoin !== undefined && { smallestCoin }),
      },
      workstationIds: Array.from({ length: tillsPerStore }, (_, till) => String(till + 1)),
    }
  })
}
