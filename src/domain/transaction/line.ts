import type {
  EntryMethod,
  FulfillmentMethod,
  ItemType,
  ModifierMethod,
  StockBucket,
  StockState,
  TaxType,
  TenderState,
  TenderType,
} from './codes.ts'
import type {
  CurrencyCode,
  DecimalString,
  Extensions,
  ExternalIdentifier,
  Identifier,
  Text,
  Timestamp,
  UnsignedDecimalString,
} from './scalars.ts'

/**
 * Sign rule, seen from the retailer: goods out and money in are positive. A RETURN line has quantity, amounts and tax
 * below zero, a refund tender an amount below zero; unit prices are never negative. A voided line keeps its amounts,
 * carries `voided: true` and counts as nothing.
 */
interface LineBase {
  /** @minimum 1 @maximum 100000 @asType integer */
  lineNumber: number
  voided?: boolean
  entryMethod?: EntryMethod
  reasonCode?: ExternalIdentifier
  approval?: Approval
  /** Only where a line states another currency than the header (INV-17). */
  currency?: CurrencyCode
  extensions?: Extensions
}

/** Who let something unusual happen (four eyes, INV-20). */
export interface Approval {
  approverId: ExternalIdentifier
  reason?: Text
}

/** A change of price, below zero for a reduction. */
export interface PriceModifier {
  /** @minimum 1 @asType integer */
  sequence: number
  amount: DecimalString
  percent?: DecimalString
  promotionId?: ExternalIdentifier
  couponCode?: ExternalIdentifier
  reasonCode?: ExternalIdentifier
  method: ModifierMethod
  appliedTo: 'LINE' | 'TRANSACTION_PRORATED'
}

/** The tax of one line, at the precision the till gave. It is never recomputed, only compared (INV-03). */
export interface LineTax {
  taxAuthority?: ExternalIdentifier
  taxGroupId?: ExternalIdentifier
  taxRuleId?: ExternalIdentifier
  taxType: TaxType
  ratePercent?: DecimalString
  taxableAmount?: DecimalString
  taxAmount?: DecimalString
  includedInPrice: boolean
  exempt?: { reason: Text; certificate?: ExternalIdentifier }
}

export interface LineFulfillment {
  method: FulfillmentMethod
  locationId?: Identifier
  orderLineId?: ExternalIdentifier
}

export interface InventoryImpact {
  locationId?: Identifier
  bucket: StockBucket
}

/** Which line of which sale a return takes back. */
export interface OriginalLink {
  /** The transaction key of the original, as `transactionKey` writes it. */
  transactionKey?: string
  /** @minimum 1 @asType integer */
  lineNumber?: number
}

/** Goods or services sold or taken back. Net = extended + modifiers; unit precision is the till's. */
export interface SaleLine extends LineBase {
  lineType: 'SALE' | 'RETURN'
  itemId: ExternalIdentifier
  /** GTIN-14; a wrong check digit is a warning (INV-18). @pattern ^[0-9]{8,14}$ */
  gtin?: string
  /** What was scanned or typed. */
  posItemId?: ExternalIdentifier
  description?: Text
  itemType: ItemType
  /** @maxItems 16 */
  merchandiseHierarchy?: { level: Text; code: ExternalIdentifier }[]
  /** Signed: below zero on a RETURN line. */
  quantity: DecimalString
  /** UN/ECE Recommendation 20, e.g. `EA`, `KGM`. */
  unitOfMeasure?: ExternalIdentifier
  regularUnitPrice?: UnsignedDecimalString
  actualUnitPrice?: UnsignedDecimalString
  extendedAmount: DecimalString
  discountAmount?: DecimalString
  netAmount?: DecimalString
  /** @maxItems 100 */
  priceModifiers?: PriceModifier[]
  /** @maxItems 20 */
  taxes?: LineTax[]
  fulfillment?: LineFulfillment
  inventoryImpact?: InventoryImpact
  originalLink?: OriginalLink
  /** @maxItems 1000 */
  serialNumbers?: ExternalIdentifier[]
  giftReceipt?: boolean
}

/** Never a PAN, CVV, track or PIN: those are masked or refused before a transaction exists. */
export interface CardDetails {
  brand?: Text
  /** @pattern ^[0-9]{4}$ */
  last4?: string
  entryMode?: EntryMethod
  authorizationCode?: ExternalIdentifier
  referenceNumber?: ExternalIdentifier
  acquirer?: Text
  terminalId?: ExternalIdentifier
  token?: ExternalIdentifier
}

/** How it was paid. `amount` is net of change; adding `changeAmount` again counts change twice (INV-05). */
export interface TenderLine extends LineBase {
  lineType: 'TENDER'
  tenderType: TenderType
  /** The retailer's own code of the means of payment. */
  tenderId?: ExternalIdentifier
  /** Signed: into the till above zero, out of it below. */
  amount: DecimalString
  tenderedAmount?: DecimalString
  changeAmount?: DecimalString
  foreignAmount?: { amount: DecimalString; currency: CurrencyCode; rate?: UnsignedDecimalString }
  card?: CardDetails
  storedValue?: { maskedNumber?: ExternalIdentifier; balanceAfter?: DecimalString }
  state?: TenderState
  tip?: DecimalString
  cashback?: DecimalString
  pspReference?: ExternalIdentifier
  authorizedAt?: Timestamp
}

/** The receipt's tax summary: one line per rate, as printed. */
export interface TaxLine extends LineBase {
  lineType: 'TAX'
  taxAuthority?: ExternalIdentifier
  taxGroupId?: ExternalIdentifier
  taxRuleId?: ExternalIdentifier
  taxType: TaxType
  ratePercent?: DecimalString
  taxableAmount?: DecimalString
  taxAmount: DecimalString
  includedInPrice: boolean
}

/** Points earned, redeemed or adjusted. */
export interface LoyaltyLine extends LineBase {
  lineType: 'LOYALTY'
  programId?: ExternalIdentifier
  accountId?: ExternalIdentifier
  pointsEarned?: DecimalString
  pointsRedeemed?: DecimalString
  pointsAdjusted?: DecimalString
  balanceAfter?: DecimalString
  rewardId?: ExternalIdentifier
  /** Money the reward took off the transaction (below zero), where it is not a modifier of a line. */
  amount?: DecimalString
}

/** Everything else that moves money: signed amount, what it is, and a reference. */
export interface AmountLine extends LineBase {
  lineType:
    | 'DISCOUNT'
    | 'ROUNDING'
    | 'GIFT_CARD'
    | 'DEPOSIT'
    | 'FEE'
    | 'DONATION'
    | 'TIP'
    | 'PAYMENT_ON_ACCOUNT'
    | 'COUPON'
  amount: DecimalString
  description?: Text
  tenderType?: TenderType
  /** Gift card (masked), account, coupon or promotion this amount belongs to. */
  reference?: ExternalIdentifier
  balanceAfter?: DecimalString
  /** @maxItems 20 */
  taxes?: LineTax[]
}

/** Where goods are, and in which state. */
export interface StockPlace {
  /** The store, or a place that another system keeps. */
  locationId?: ExternalIdentifier
  state: StockState
}

/**
 * Goods that were counted, or moved without a sale. It has no money and is in no total. Counted goods are `at` a place, moved
 * goods went `from` one `to` another; the quantity of a movement is above zero, a count may be below (more was sold than was known).
 */
export interface InventoryLine extends LineBase {
  lineType: 'INVENTORY'
  itemId: ExternalIdentifier
  /** GTIN-14. @pattern ^[0-9]{8,14}$ */
  gtin?: string
  description?: Text
  quantity: DecimalString
  /** UN/ECE Recommendation 20, e.g. `EA`, `KGM`. */
  unitOfMeasure?: ExternalIdentifier
  at?: StockPlace
  from?: StockPlace
  to?: StockPlace
}

/** A line of a kind this version does not know. It is kept, and counts as nothing. */
export interface UnknownLine extends LineBase {
  lineType: 'UNKNOWN'
}

export type Line = SaleLine | TenderLine | TaxLine | LoyaltyLine | AmountLine | InventoryLine | UnknownLine
