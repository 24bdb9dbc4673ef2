import { Problem } from '../../contract/problem.ts'
import type { TenderType } from '../../domain/transaction/codes.ts'

const methods: Record<TenderType, string> = {
  CASH: 'cash',
  CREDIT_DEBIT: 'card',
  MOBILE: 'card',
  CHECK: 'cheque',
  TRAVELERS_CHECK: 'cheque',
  GIFT_CARD: 'gift-card',
  STORED_VALUE: 'gift-card',
  GIFT_CERTIFICATE: 'voucher',
  VOUCHER: 'voucher',
  COUPON: 'voucher',
  MANUFACTURER_COUPON: 'voucher',
  CUSTOMER_ACCOUNT: 'account',
  HOUSE_ACCOUNT: 'account',
  STORE_ACCOUNT: 'account',
  ACCOUNTS_RECEIVABLE: 'account',
  PURCHASE_ORDER: 'account',
  LOYALTY: 'loyalty',
  ONLINE_PAYMENT: 'online',
  // The ERP has no account for these and refuses them: money must not be booked under a guess.
  WRITE_OFF: 'other',
  OTHER: 'other',
}

/** Means of payment for which an installation wants another word than ours. */
export type OtherMethods = Readonly<Partial<Record<TenderType, string>>>

/** Their word for a means of payment. */
export function toMethod(tenderType: TenderType, others: OtherMethods = {}): string {
  return others[tenderType] ?? methods[tenderType]
}

const known = new Set(Object.values(methods))

/** Reads `OTHER=voucher,LOYALTY=account`. Throws `Problem` `settings-invalid`. */
export function readOtherMethods(text: string): OtherMethods {
  const others: Partial<Record<TenderType, string>> = {}
  for (const pair of text.split(',').filter((part) => part.trim() !== '')) {
    const [tenderType = '', method = ''] = pair.split('=').map((part) => part.trim())
    if (!isTenderType(tenderType) || !known.has(method))
      throw new Problem('settings-invalid', 'paymentMethods takes pairs such as OTHER=voucher, separated by commas.')
    others[tenderType] = method
  }
  return others
}

function isTenderType(text: string): text is TenderType {
  return Object.hasOwn(methods, text)
}
