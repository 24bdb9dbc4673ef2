import type { Channel, EntryMethod, StockState, TenderType } from '../../domain/transaction/codes.ts'

/** What one object said in words that nobody here knows: kept under the vendor's own name, and counted. */
export interface UnknownWords {
  values: string[]
}

/** Vendors' words are short; what is longer is none, and does not belong into a metric. */
const wordLengthMax = 64

/** The model's word for a vendor's; one that the list does not know goes into the extensions and gives `otherwise`. */
export function translate<Word>(
  list: Readonly<Record<string, Word>>,
  options: { field: string; word: string | undefined; extensions: Record<string, unknown>; unknown: UnknownWords },
): Word | undefined {
  const { field, word, extensions, unknown } = options
  if (word === undefined) return undefined
  if (Object.hasOwn(list, word)) return list[word]
  const short = word.slice(0, wordLengthMax)
  extensions[`square:${field}`] = short
  if (unknown.values.length < 100) unknown.values.push(`${field}=${short}`)
  return undefined
}

/** `source_type` of a payment and `destination_type` of a refund. */
export const sourceTypes: Readonly<Record<string, TenderType>> = {
  CARD: 'CREDIT_DEBIT',
  CASH: 'CASH',
  EXTERNAL: 'OTHER',
  WALLET: 'MOBILE',
  BUY_NOW_PAY_LATER: 'ONLINE_PAYMENT',
  BANK_ACCOUNT: 'ONLINE_PAYMENT',
  SQUARE_ACCOUNT: 'STORED_VALUE',
  HOUSE_ACCOUNT: 'HOUSE_ACCOUNT',
}

/** `external_details.type`: money that Square only takes a note of. */
export const externalTypes: Readonly<Record<string, TenderType>> = {
  CHECK: 'CHECK',
  BANK_TRANSFER: 'OTHER',
  OTHER_GIFT_CARD: 'GIFT_CARD',
  CRYPTO: 'OTHER',
  SQUARE_CASH: 'MOBILE',
  SOCIAL: 'OTHER',
  EXTERNAL: 'OTHER',
  EMONEY: 'MOBILE',
  CARD: 'CREDIT_DEBIT',
  STORED_BALANCE: 'STORED_VALUE',
  FOOD_VOUCHER: 'VOUCHER',
  OTHER: 'OTHER',
}

/** `type` of an order's tender, for those that are no payment of their own. */
export const orderTenderTypes: Readonly<Record<string, TenderType>> = {
  CARD: 'CREDIT_DEBIT',
  CASH: 'CASH',
  THIRD_PARTY_CARD: 'CREDIT_DEBIT',
  SQUARE_GIFT_CARD: 'GIFT_CARD',
  NO_SALE: 'OTHER',
  BANK_ACCOUNT: 'ONLINE_PAYMENT',
  WALLET: 'MOBILE',
  BUY_NOW_PAY_LATER: 'ONLINE_PAYMENT',
  SQUARE_ACCOUNT: 'STORED_VALUE',
  OTHER: 'OTHER',
}

export const cardEntryMethods: Readonly<Record<string, EntryMethod>> = {
  KEYED: 'KEYED',
  SWIPED: 'MSR',
  EMV: 'CHIP',
  CONTACTLESS: 'CONTACTLESS',
  ON_FILE: 'AUTOMATIC',
}

/** `application_details.square_product`. */
export const channels: Readonly<Record<string, Channel>> = {
  SQUARE_POS: 'POS',
  RETAIL: 'POS',
  RESTAURANTS: 'POS',
  APPOINTMENTS: 'POS',
  TERMINAL_API: 'POS',
  VIRTUAL_TERMINAL: 'POS',
  ECOMMERCE_API: 'ECOM',
  ONLINE_STORE: 'ECOM',
  INVOICES: 'ECOM',
  PAYMENT_LINKS: 'ECOM',
}

/** The brand under which Square's own gift cards come as cards. */
export const giftCardBrand = 'SQUARE_GIFT_CARD'

/** `InventoryState`. */
export const stockStates: Readonly<Record<string, StockState>> = {
  IN_STOCK: 'SELLABLE',
  SOLD: 'SOLD',
  SOLD_ONLINE: 'SOLD',
  RETURNED_BY_CUSTOMER: 'RETURNED',
  UNLINKED_RETURN: 'RETURNED',
  RESERVED_FOR_SALE: 'RESERVED',
  ORDERED_FROM_VENDOR: 'ON_ORDER',
  RECEIVED_FROM_VENDOR: 'RECEIVED',
  IN_TRANSIT: 'IN_TRANSIT',
  IN_TRANSIT_TO: 'IN_TRANSIT',
  WASTE: 'WASTE',
  NONE: 'NONE',
  CUSTOM: 'OTHER',
  COMPOSED: 'OTHER',
  DECOMPOSED: 'OTHER',
}

/** Square's measurement units as UN/ECE Recommendation 20 codes. */
export const units: Readonly<Record<string, string>> = {
  UNIT: 'EA',
  METRIC_MILLIGRAM: 'MGM',
  METRIC_GRAM: 'GRM',
  METRIC_KILOGRAM: 'KGM',
  IMPERIAL_WEIGHT_OUNCE: 'ONZ',
  IMPERIAL_POUND: 'LBR',
  IMPERIAL_STONE: 'STI',
  METRIC_MILLILITER: 'MLT',
  METRIC_LITER: 'LTR',
  GENERIC_FLUID_OUNCE: 'OZA',
  GENERIC_CUP: 'G21',
  GENERIC_PINT: 'PTL',
  GENERIC_QUART: 'QTL',
  GENERIC_GALLON: 'GLL',
  METRIC_MILLIMETER: 'MMT',
  METRIC_CENTIMETER: 'CMT',
  METRIC_METER: 'MTR',
  METRIC_KILOMETER: 'KMT',
  IMPERIAL_INCH: 'INH',
  IMPERIAL_FOOT: 'FOT',
  IMPERIAL_YARD: 'YRD',
  IMPERIAL_MILE: 'SMI',
  METRIC_SQUARE_CENTIMETER: 'CMK',
  METRIC_SQUARE_METER: 'MTK',
  IMPERIAL_SQUARE_INCH: 'INK',
  IMPERIAL_SQUARE_FOOT: 'FTK',
  GENERIC_SECOND: 'SEC',
  GENERIC_MINUTE: 'MIN',
  GENERIC_HOUR: 'HUR',
  GENERIC_DAY: 'DAY',
}
