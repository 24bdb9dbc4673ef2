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

/** Their word for a means of payment. */
export function toMethod(tenderType: TenderType): string {
  return methods[tenderType]
}
