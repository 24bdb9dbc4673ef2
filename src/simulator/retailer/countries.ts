import type { StoreProfile } from '../../domain/store.ts'
import type { TaxType } from '../../domain/transaction/codes.ts'

/** How an item is taxed. What it means in percent is the country's affair. */
export const taxCategories = ['standard', 'reduced', 'special', 'exempt'] as const
export type TaxCategory = (typeof taxCategories)[number]

/** One tax on a line; some countries raise two at once. */
export interface TaxRule {
  ratePercent: string
  taxType: TaxType
  taxAuthority?: string
}

/** Minutes after local midnight; beyond 1,440 the store closes on the next morning. */
export type Hours = readonly [opens: number, closes: number]

/** What a country does to a store: money, taxes, calendar and habits. Amounts are minor units. */
export interface Country {
  country: string
  timeZones: readonly string[]
  currency: string
  smallestCoin?: string
  taxRounding: StoreProfile['taxRounding']
  numbersRestartDaily?: boolean
  approvalLimit: string
  taxIncluded: boolean
  taxes: Readonly<Record<TaxCategory, readonly TaxRule[]>>
  /** What one unit of the price list costs here. */
  priceFactor: number
  /** The note that a shopper takes out of the purse. */
  noteMinor: bigint
  /** Opening hours by weekday, Sunday first; undefined: closed. */
  hours: readonly (Hours | undefined)[]
  /** MM-DD on which everything is closed. */
  holidays: readonly string[]
  cashShare: number
  tipShare: number
  /** Tourists' money, and how much of ours one whole unit of it is worth at the till. */
  foreignCash?: { currency: string; rate: string }
}

const hour = 60
const day: Hours = [9 * hour, 20 * hour]
const short: Hours = [11 * hour, 18 * hour]
const closed = undefined
const daily = [day, day, day, day, day, day, day] as const
const sundayClosed = [closed, day, day, day, day, day, [9 * hour, 19 * hour]] as const satisfies Country['hours']

const vat = (ratePercent: string): TaxRule[] => [{ ratePercent, taxType: 'VAT' }]
const salesTax = (ratePercent: string): TaxRule[] => [{ ratePercent, taxType: 'SALES' }]
const gst: TaxRule = { ratePercent: '5', taxType: 'GST', taxAuthority: 'CRA' }
const qst: TaxRule = { ratePercent: '9.975', taxType: 'PST', taxAuthority: 'RQ' }
const none: TaxRule = { ratePercent: '0', taxType: 'GST', taxAuthority: 'CRA' }

/** The countries of the retailer, in the order in which it opened stores there. Rates are of 2026, simplified. */
export const countries: readonly Country[] = [
  {
    country: 'DE',
    timeZones: ['Europe/Berlin'],
    currency: 'EUR',
    taxRounding: 'TOTAL',
    approvalLimit: '200',
    taxIncluded: true,
    taxes: { standard: vat('19'), reduced: vat('7'), special: vat('7'), exempt: vat('0') },
    priceFactor: 1,
    noteMinor: 1_000n,
    hours: sundayClosed,
    holidays: ['01-01', '05-01', '10-03', '12-25', '12-26'],
    cashShare: 0.45,
    tipShare: 0,
    foreignCash: { currency: 'CHF', rate: '1.03' },
  },
  {
    country: 'US',
    timeZones: ['America/New_York', 'America/Los_Angeles'],
    currency: 'USD',
    taxRounding: 'TOTAL',
    approvalLimit: '200',
    taxIncluded: false,
    taxes: { standard: salesTax('8.875'), reduced: salesTax('0'), special: salesTax('4.5'), exempt: salesTax('0') },
    priceFactor: 1,
    noteMinor: 1_000n,
    hours: daily,
    holidays: ['12-25'],
    cashShare: 0.25,
    tipShare: 0.06,
  },
  {
    country: 'SE',
    timeZones: ['Europe/Stockholm'],
    currency: 'SEK',
    smallestCoin: '1',
    taxRounding: 'TOTAL',
    approvalLimit: '2000',
    taxIncluded: true,
    taxes: { standard: vat('25'), reduced: vat('12'), special: vat('6'), exempt: vat('0') },
    priceFactor: 11,
    noteMinor: 10_000n,
    hours: [short, day, day, day, day, day, day],
    holidays: ['01-01', '06-06', '12-24', '12-25', '12-26'],
    cashShare: 0.2,
    tipShare: 0,
  },
  {
    country: 'JP',
    timeZones: ['Asia/Tokyo'],
    currency: 'JPY',
    taxRounding: 'TOTAL',
    approvalLimit: '30000',
    taxIncluded: true,
    taxes: { standard: vat('10'), reduced: vat('8'), special: vat('8'), exempt: vat('0') },
    priceFactor: 1.6,
    noteMinor: 1_000n,
    hours: daily,
    holidays: ['01-01'],
    cashShare: 0.5,
    tipShare: 0,
  },
  {
    country: 'CH',
    timeZones: ['Europe/Zurich'],
    currency: 'CHF',
    smallestCoin: '0.05',
    taxRounding: 'TOTAL',
    approvalLimit: '200',
    taxIncluded: true,
    taxes: { standard: vat('8.1'), reduced: vat('2.6'), special: vat('2.6'), exempt: vat('0') },
    priceFactor: 1,
    noteMinor: 1_000n,
    hours: sundayClosed,
    holidays: ['01-01', '08-01', '12-25', '12-26'],
    cashShare: 0.4,
    tipShare: 0,
    foreignCash: { currency: 'EUR', rate: '0.93' },
  },
  {
    country: 'BH',
    timeZones: ['Asia/Bahrain'],
    currency: 'BHD',
    smallestCoin: '0.005',
    taxRounding: 'TOTAL',
    approvalLimit: '80',
    taxIncluded: true,
    taxes: { standard: vat('10'), reduced: vat('0'), special: vat('10'), exempt: vat('0') },
    priceFactor: 4.1,
    noteMinor: 5_000n,
    hours: [day, day, day, day, day, [14 * hour, 22 * hour], day],
    holidays: ['01-01', '12-16', '12-17'],
    cashShare: 0.4,
    tipShare: 0,
    foreignCash: { currency: 'SAR', rate: '0.1' },
  },
  {
    country: 'FR',
    timeZones: ['Europe/Paris'],
    currency: 'EUR',
    taxRounding: 'LINE',
    approvalLimit: '200',
    taxIncluded: true,
    taxes: { standard: vat('20'), reduced: vat('5.5'), special: vat('2.1'), exempt: vat('0') },
    priceFactor: 1.04,
    noteMinor: 1_000n,
    hours: [[9 * hour, 13 * hour], day, day, day, day, day, day],
    holidays: ['01-01', '05-01', '07-14', '12-25'],
    cashShare: 0.3,
    tipShare: 0,
  },
  {
    country: 'CA',
    timeZones: ['America/Toronto'],
    currency: 'CAD',
    smallestCoin: '0.05',
    taxRounding: 'LINE',
    approvalLimit: '250',
    taxIncluded: false,
    taxes: { standard: [gst, qst], reduced: [none], special: [gst], exempt: [none] },
    priceFactor: 1.3,
    noteMinor: 2_000n,
    hours: daily,
    holidays: ['01-01', '07-01', '12-25'],
    cashShare: 0.25,
    tipShare: 0.05,
    foreignCash: { currency: 'USD', rate: '1.3' },
  },
  {
    country: 'GB',
    timeZones: ['Europe/London'],
    currency: 'GBP',
    taxRounding: 'TOTAL',
    numbersRestartDaily: true,
    approvalLimit: '150',
    taxIncluded: true,
    taxes: { standard: vat('20'), reduced: vat('0'), special: vat('5'), exempt: vat('0') },
    priceFactor: 0.86,
    noteMinor: 1_000n,
    hours: [short, day, day, day, day, day, day],
    holidays: ['12-25', '12-26'],
    cashShare: 0.2,
    tipShare: 0,
  },
  {
    country: 'AU',
    timeZones: ['Australia/Sydney'],
    currency: 'AUD',
    smallestCoin: '0.05',
    taxRounding: 'TOTAL',
    approvalLimit: '250',
    taxIncluded: true,
    taxes: { standard: vat('10'), reduced: vat('0'), special: vat('10'), exempt: vat('0') },
    priceFactor: 1.6,
    noteMinor: 2_000n,
    hours: daily,
    holidays: ['12-25'],
    cashShare: 0.2,
    tipShare: 0,
  },
]
