import {
  channels,
  type EntryMethod,
  fiscalStatuses,
  fulfillmentMethods,
  type ItemType,
  type LinkType,
  type ModifierMethod,
  stockBuckets,
  stockStates,
  type TaxType,
  type TenderState,
  type TenderType,
  type WorkstationType,
} from '../../../domain/transaction/codes.ts'
import { type Codec, words } from './codecs.ts'

/** Our closed lists in POSLog's words; `tillflow:Other` is the standard's own way (`prefix:Value`) to extend an enumeration. */
const other = 'tillflow:Other'

export const workstationTypeWord = words<WorkstationType>({
  POS: 'POS',
  SCO: 'SCO',
  MPOS: 'mPOS',
  KIOSK: 'Kiosk',
  BACK_OFFICE: 'BackOffice',
  OTHER: other,
})

export const entryMethodWord = words<EntryMethod>({
  SCANNED: 'Scanned',
  KEYED: 'Keyed',
  MSR: 'MSR',
  CHIP: 'IntegratedChipCard',
  CONTACTLESS: 'Tapped',
  RFID: 'RFID',
  SELF_SCAN: 'SelfScan',
  WEIGHED: 'Weighed',
  AUTOMATIC: 'Automatic',
  OTHER: other,
})

export const itemTypeWord = words<ItemType>({
  STOCK: 'Stock',
  SERVICE: 'Service',
  ALTERATION: 'Alteration',
  FEE: 'Fee',
  FEE_REFUND: 'FeeRefund',
  DEPOSIT: 'Deposit',
  DEPOSIT_REFUND: 'DepositRefund',
  WARRANTY: 'Warranty',
  GIFT_CARD: 'GiftCard',
  DONATION: 'Donation',
  ITEM_COLLECTION: 'ItemCollection',
  OTHER: other,
})

export const tenderTypeWord = words<TenderType>({
  CASH: 'Cash',
  CREDIT_DEBIT: 'CreditDebit',
  CHECK: 'Check',
  GIFT_CARD: 'GiftCard',
  GIFT_CERTIFICATE: 'GiftCertificate',
  VOUCHER: 'Voucher',
  STORED_VALUE: 'StoredValue',
  COUPON: 'Coupon',
  MANUFACTURER_COUPON: 'ManufacturerCoupon',
  CUSTOMER_ACCOUNT: 'CustomerAccount',
  HOUSE_ACCOUNT: 'HouseAccount',
  STORE_ACCOUNT: 'StoreAccount',
  ACCOUNTS_RECEIVABLE: 'AccountsReceivable',
  LOYALTY: 'Loyalty',
  MOBILE: 'Mobile',
  ONLINE_PAYMENT: 'OnlinePayment',
  PURCHASE_ORDER: 'PurchaseOrder',
  TRAVELERS_CHECK: 'TravelersCheck',
  WRITE_OFF: 'WriteOff',
  OTHER: other,
})

export const tenderStateWord = words<TenderState>({
  AUTHORIZED: 'Authorized',
  CAPTURED: 'Captured',
  DECLINED: 'Declined',
  REVERSED: 'Reversed',
})

export const taxTypeWord = words<TaxType>({
  SALES: 'Sales',
  VAT: 'VAT',
  GST: 'GST',
  PST: 'PST',
  HST: 'HST',
  EXCISE: 'Excise',
  USE_TAX: 'UseTax',
  OTHER: other,
})

export const modifierMethodWord = words<ModifierMethod>({
  PROMOTION: 'Promotion',
  MANUAL: 'Manual',
  EMPLOYEE: 'Employee',
  LOYALTY: 'Loyalty',
  PRICE_OVERRIDE: 'PriceOverride',
  MARKDOWN: 'Markdown',
  COUPON: 'Coupon',
  OTHER: other,
})

/** Reasons of a TransactionLink. */
export const linkWord = words<LinkType>({
  RETURN_OF: 'Return',
  EXCHANGE_OF: 'Exchange',
  POST_VOID_OF: 'PostVoid',
  RESUMES: 'Resume',
  ORDER_OF: 'Order',
  DEPOSIT_OF: 'Deposit',
})

/** Lists that only our own elements carry keep our codes. */
export const channelWord = sameWords(channels)
export const fulfillmentWord = sameWords(fulfillmentMethods)
export const stockBucketWord = sameWords(stockBuckets)
export const stockStateWord = sameWords(stockStates)
export const fiscalStatusWord = sameWords(fiscalStatuses)

function sameWords(codes: readonly string[]): Codec {
  return words(Object.fromEntries(codes.map((code) => [code, code])))
}
