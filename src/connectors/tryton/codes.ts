import type { ItemType, TenderType } from '../../domain/transaction/codes.ts'

/** Everything that the connector looks for in Tryton by code, and makes where it is missing, begins with this. */
export const codePrefix = 'TILL-'

/** Kinds of charges and items whose money is owed to somebody: no revenue, and Tryton invoices revenue only. */
const owed: Record<string, string> = {
  tip: 'TILL-TIP',
  'gift-card': 'TILL-GIFT-CARD',
  deposit: 'TILL-DEPOSIT',
  donation: 'TILL-DONATION',
  'payment-on-account': 'TILL-PAYMENT-ON-ACCOUNT',
  rounding: 'TILL-ROUNDING',
}

const owedItems: Partial<Record<ItemType, string>> = {
  GIFT_CARD: 'TILL-GIFT-CARD',
  DEPOSIT: 'TILL-DEPOSIT',
  DEPOSIT_REFUND: 'TILL-DEPOSIT',
  DONATION: 'TILL-DONATION',
}

/** The account that a charge is booked to directly, or undefined for what is invoiced. */
export function accountOfCharge(kind: string): string | undefined {
  return owed[kind]
}

export function accountOfItem(itemType: ItemType): string | undefined {
  return owedItems[itemType]
}

/** The service product that stands for money beside the goods on an invoice. */
export function productOfCharge(kind: string): string {
  return `${codePrefix}${kind.toUpperCase()}`
}

export const tenderPrefix = `${codePrefix}TENDER-`

/** One account for each means of payment, so that Tryton's own totals tell them apart. */
export function accountOfTender(tenderType: TenderType): string {
  return `${tenderPrefix}${tenderType}`
}

/** What an account is, where the connector makes it: cash in the drawer is an asset, an unused gift card a debt. */
export function typeOfAccount(code: string): 'asset' | 'liability' | 'revenue' {
  if (liabilities.has(code)) return 'liability'
  return code.startsWith(tenderPrefix) ? 'asset' : 'revenue'
}

const liabilities = new Set([
  ...Object.values(owed).filter((code) => code !== 'TILL-ROUNDING'),
  ...['GIFT_CARD', 'STORED_VALUE', 'GIFT_CERTIFICATE', 'VOUCHER', 'LOYALTY'].map((type) => `${tenderPrefix}${type}`),
  'TILL-TAX',
])
