import type {
  EntryMethod,
  ItemType,
  LinkType,
  ModifierMethod,
  TaxType,
  TenderState,
  TenderType,
  TransactionStatus,
  TransactionType,
  WorkstationType,
} from '../../domain/transaction/codes.ts'

/** ARTS words and the vendors' own, to ours. A word that is not here is kept and counted. */
type Words<Code> = ReadonlyMap<string, Code>

function words<Code extends string>(table: { [Name in Code]?: string }): Words<Code> {
  return new Map(
    (Object.entries(table) as [Code, string][]).flatMap(([code, list]) =>
      list.split(' ').map((word): [string, Code] => [word, code]),
    ),
  )
}

/** What a TransactionStatus means for the books. Words of orders on their way are states of a recorded transaction. */
export const statusWords = words<TransactionStatus>({
  COMPLETED:
    'Authorized Delivered Finished OutForDelivery Packed PartialDelivery PartialShip Picked Replaced Resumed Returned Revision Shipped Tendered Updated Waste',
  CANCELLED:
    'Canceled Cancelled Failed SuspendedDeleted TransactionVoided Voided CancelOrphaned dtv:CancelOrphaned dtv:Cancel',
  SUSPENDED: 'Suspended SuspendedRetrieved',
  POST_VOIDED: 'PostVoided',
  IN_PROGRESS: 'InComplete InProcess Projection Subtotal Totaled',
})

export const entryMethodWords = words<EntryMethod>({
  SCANNED: 'Scanned acs:Scanned',
  KEYED: 'Keyed Manual',
  MSR: 'MSR Swiped',
  CHIP: 'SmartCard IntegratedChipCard Chip EMV',
  CONTACTLESS: 'Tapped Waved Contactless NFC',
  RFID: 'RFID',
  SELF_SCAN: 'SelfScan SelfScanned',
  WEIGHED: 'Weighed Weighted',
  AUTOMATIC: 'Automatic acs:Auto',
})

export const itemTypeWords = words<ItemType>({
  STOCK: 'Stock',
  SERVICE: 'Service',
  ALTERATION: 'Alteration',
  FEE: 'Fee',
  FEE_REFUND: 'FeeRefund',
  DEPOSIT: 'Deposit',
  DEPOSIT_REFUND: 'DepositRefund',
  WARRANTY: 'Warranty',
  GIFT_CARD: 'GiftCard GiftCertificate StoredValue',
  DONATION: 'Donation',
  ITEM_COLLECTION: 'ItemCollection',
})

export const tenderTypeWords = words<TenderType>({
  CASH: 'Cash',
  CREDIT_DEBIT: 'CreditDebit Credit Debit CreditCard DebitCard',
  CHECK: 'Check Cheque',
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
})

export const tenderStateWords = words<TenderState>({
  AUTHORIZED: 'Authorized Approved',
  CAPTURED: 'Captured Settled',
  DECLINED: 'Declined Failed',
  REVERSED: 'Reversed Voided',
})

export const taxTypeWords = words<TaxType>({
  SALES: 'Sales',
  VAT: 'VAT',
  GST: 'GST',
  PST: 'PST',
  HST: 'HST',
  EXCISE: 'Excise',
  USE_TAX: 'UseTax',
})

export const modifierMethodWords = words<ModifierMethod>({
  PROMOTION: 'Promotion PriceRule MixAndMatch Deal',
  MANUAL: 'Manual ManualDiscount Discount',
  EMPLOYEE: 'Employee EmployeeDiscount',
  LOYALTY: 'Loyalty LoyaltyReward',
  PRICE_OVERRIDE: 'PriceOverride Override',
  MARKDOWN: 'Markdown MarkDown',
  COUPON: 'Coupon',
})

export const workstationTypeWords = words<WorkstationType>({
  POS: 'POS Retail',
  SCO: 'SCO SelfCheckout SelfCheckOut',
  MPOS: 'mPOS MPOS Mobile',
  KIOSK: 'Kiosk',
  BACK_OFFICE: 'BackOffice',
})

export const linkWords = words<LinkType>({
  RETURN_OF: 'Return Refund',
  EXCHANGE_OF: 'Exchange',
  POST_VOID_OF: 'PostVoid Void Voided PostVoided VoidedTransaction',
  RESUMES: 'Resume Resumed Suspend Suspended',
  ORDER_OF: 'Order CustomerOrder Pickup PickUp SpecialOrder',
  DEPOSIT_OF: 'Deposit Layaway LayawayPayment',
})

export const controlWords = words<TransactionType>({
  BUSINESS_DAY_OPEN: 'BusinessSOD StoreSOD',
  BUSINESS_DAY_CLOSE: 'BusinessEOD StoreEOD',
  WORKSTATION_OPEN: 'POSSOD WORKSTATION_OPEN',
  WORKSTATION_CLOSE: 'POSEOD WORKSTATION_CLOSE',
  TILL_OPEN: 'TillSOD',
  TILL_CLOSE: 'TillEOD',
  SHIFT_START: 'ShiftStart',
  SHIFT_END: 'ShiftEnd',
  OPERATOR_SIGN_ON: 'OperatorSignOn SignOn',
  OPERATOR_SIGN_OFF: 'OperatorSignOff SignOff',
  NO_SALE: 'NoSale NO_SALE',
  POST_VOID: 'PostVoid POST_VOID',
  CANCELLED: 'TransactionVoid Void SuspendDelete',
  RECEIPT_REPRINT: 'ReceiptReprint',
  X_REPORT: 'XReport',
  Z_REPORT: 'ZReport',
})

export const tenderControlWords = words<TransactionType>({
  PAID_IN: 'PaidIn',
  PAID_OUT: 'PaidOut Withdrawal TipOut',
  PETTY_CASH: 'PettyCash',
  SAFE_DROP: 'SafeDrop',
  BANK_DEPOSIT: 'Deposit BankDeposit',
  TENDER_LOAN: 'TenderLoan',
  TENDER_PICKUP: 'TenderPickup TenderPickUp',
  TENDER_EXCHANGE: 'TenderExchange',
  TILL_DECLARATION: 'TillDeclaration',
  TILL_SETTLE: 'TillSettle SafeSettle',
})
