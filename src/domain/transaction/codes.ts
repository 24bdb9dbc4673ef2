/**
 * The closed lists of the canonical model. Names are ARTS/POSLog words.
 *
 * A vendor value that none of these lists knows never stops a receipt: the reader writes the list's catch-all
 * (`UNKNOWN` or `OTHER`), keeps the vendor's word in `extensions`, and counts it.
 */

export const transactionTypes = [
  'SALE', 'RETURN', 'EXCHANGE', 'POST_VOID', 'CANCELLED', 'SUSPENDED', 'RESUMED', 'LAYAWAY',
  'ORDER_PLACE', 'ORDER_PICKUP', 'ORDER_DEPOSIT', 'ORDER_REFUND', 'PAYMENT_ON_ACCOUNT',
  'GIFT_CARD_ISSUE', 'GIFT_CARD_RELOAD', 'GIFT_CARD_CASHOUT',
  'NO_SALE', 'PAID_IN', 'PAID_OUT', 'PETTY_CASH', 'TENDER_LOAN', 'TENDER_PICKUP', 'SAFE_DROP', 'BANK_DEPOSIT',
  'TENDER_EXCHANGE', 'TILL_DECLARATION', 'TILL_SETTLE',
  'OPERATOR_SIGN_ON', 'OPERATOR_SIGN_OFF', 'SHIFT_START', 'SHIFT_END', 'TILL_OPEN', 'TILL_CLOSE',
  'WORKSTATION_OPEN', 'WORKSTATION_CLOSE', 'BUSINESS_DAY_OPEN', 'BUSINESS_DAY_CLOSE',
  'X_REPORT', 'Z_REPORT', 'RECEIPT_REPRINT',
  'INVENTORY_COUNT', 'INVENTORY_POSITION', 'INVENTORY_ADJUSTMENT', 'INVENTORY_TRANSFER',
  'TRAINING', 'UNKNOWN',
] as const // biome-ignore format: a list reads better as a block
export type TransactionType = (typeof transactionTypes)[number]

export const transactionStatuses = ['IN_PROGRESS', 'SUSPENDED', 'COMPLETED', 'CANCELLED', 'POST_VOIDED'] as const
export type TransactionStatus = (typeof transactionStatuses)[number]

export const channels = ['POS', 'ECOM', 'MARKETPLACE', 'CALLCENTER'] as const
export type Channel = (typeof channels)[number]

export const workstationTypes = ['POS', 'SCO', 'MPOS', 'KIOSK', 'BACK_OFFICE', 'OTHER'] as const
export type WorkstationType = (typeof workstationTypes)[number]

export const linkTypes = ['RETURN_OF', 'EXCHANGE_OF', 'POST_VOID_OF', 'RESUMES', 'ORDER_OF', 'DEPOSIT_OF'] as const
export type LinkType = (typeof linkTypes)[number]

export const entryMethods = [
  'SCANNED', 'KEYED', 'MSR', 'CHIP', 'CONTACTLESS', 'RFID', 'SELF_SCAN', 'WEIGHED', 'AUTOMATIC', 'OTHER',
] as const // biome-ignore format: a list reads better as a block
export type EntryMethod = (typeof entryMethods)[number]

export const itemTypes = [
  'STOCK', 'SERVICE', 'ALTERATION', 'FEE', 'FEE_REFUND', 'DEPOSIT', 'DEPOSIT_REFUND', 'WARRANTY', 'GIFT_CARD',
  'DONATION', 'ITEM_COLLECTION', 'OTHER',
] as const // biome-ignore format: a list reads better as a block
export type ItemType = (typeof itemTypes)[number]

export const tenderTypes = [
  'CASH', 'CREDIT_DEBIT', 'CHECK', 'GIFT_CARD', 'GIFT_CERTIFICATE', 'VOUCHER', 'STORED_VALUE', 'COUPON',
  'MANUFACTURER_COUPON', 'CUSTOMER_ACCOUNT', 'HOUSE_ACCOUNT', 'STORE_ACCOUNT', 'ACCOUNTS_RECEIVABLE', 'LOYALTY',
  'MOBILE', 'ONLINE_PAYMENT', 'PURCHASE_ORDER', 'TRAVELERS_CHECK', 'WRITE_OFF', 'OTHER',
] as const // biome-ignore format: a list reads better as a block
export type TenderType = (typeof tenderTypes)[number]

export const tenderStates = ['AUTHORIZED', 'CAPTURED', 'DECLINED', 'REVERSED'] as const
export type TenderState = (typeof tenderStates)[number]

export const taxTypes = ['SALES', 'VAT', 'GST', 'PST', 'HST', 'EXCISE', 'USE_TAX', 'OTHER'] as const
export type TaxType = (typeof taxTypes)[number]

export const modifierMethods = [
  'PROMOTION', 'MANUAL', 'EMPLOYEE', 'LOYALTY', 'PRICE_OVERRIDE', 'MARKDOWN', 'COUPON', 'OTHER',
] as const // biome-ignore format: a list reads better as a block
export type ModifierMethod = (typeof modifierMethods)[number]

export const fulfillmentMethods = ['TAKE', 'PICKUP', 'SHIP', 'SHIP_FROM_STORE', 'DELIVERY'] as const
export type FulfillmentMethod = (typeof fulfillmentMethods)[number]

export const stockBuckets = ['SELLABLE', 'DAMAGED', 'RETURNED_TO_VENDOR', 'NONE'] as const
export type StockBucket = (typeof stockBuckets)[number]

/** What becomes of goods: what may be sold, what is promised or under way, and where they came from or went to. */
export const stockStates = [
  'SELLABLE', 'RESERVED', 'IN_TRANSIT', 'DAMAGED', 'WASTE', 'ON_ORDER', 'RECEIVED', 'SOLD', 'RETURNED',
  'RETURNED_TO_VENDOR', 'NONE', 'OTHER',
] as const // biome-ignore format: a list reads better as a block
export type StockState = (typeof stockStates)[number]

export const fiscalStatuses = ['SIGNED', 'PENDING', 'DEVICE_OUTAGE'] as const
export type FiscalStatus = (typeof fiscalStatuses)[number]
