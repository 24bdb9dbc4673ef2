import type { Channel, FiscalStatus, LinkType, TransactionStatus, TransactionType, WorkstationType } from './codes.ts'
import type { Line } from './line.ts'
import type {
  CalendarDate,
  CurrencyCode,
  DecimalString,
  Extensions,
  ExternalIdentifier,
  Identifier,
  Text,
  Timestamp,
  TimeZone,
} from './scalars.ts'
import type { TillSession, ZReport } from './session.ts'
import type { Totals } from './totals.ts'

/** One thing a till did: the canonical record of Tillflow, as it is stored, sent in events and accepted over HTTP. */
export interface Transaction {
  /** Version of this shape. */
  schemaVersion: 1
  transactionType: TransactionType
  status: TransactionStatus

  /** The store (ARTS BusinessUnit). */
  businessUnitId: Identifier
  organizationId?: Identifier
  /** The store's Global Location Number. @pattern ^[0-9]{13}$ */
  gln?: string
  channel?: Channel
  /** The register. Needed where the identity is a till number. */
  workstationId?: Identifier
  workstationType?: WorkstationType
  /** The drawer. */
  tillId?: Identifier
  shiftId?: ExternalIdentifier
  operatorId?: ExternalIdentifier
  /** @maxItems 32 */
  associateIds?: ExternalIdentifier[]

  /** Which run of numbers `sequenceNumber` belongs to; changes by a recorded reset only. */
  series?: Identifier
  /** The till's number of this transaction; control transactions have one too. @minimum 0 @maximum 9007199254740991 @asType integer */
  sequenceNumber?: number
  receiptNumber?: ExternalIdentifier
  /** Identity of sources without till numbers: an immutable fact of the vendor. */
  vendorFact?: { account: ExternalIdentifier; objectType: ExternalIdentifier; objectId: ExternalIdentifier }
  source?: { system: Text; version?: Text; transactionId?: ExternalIdentifier }

  businessDayDate: CalendarDate
  /** Whether the source stated the business day or the store's calendar gave it. */
  businessDayDateSource?: 'REPORTED' | 'DERIVED'
  beginDateTime?: Timestamp
  endDateTime?: Timestamp
  timeZone?: TimeZone
  /** Whether the source stated offsets or the store's zone gave them; AMBIGUOUS in the hour that clocks repeat. */
  utcOffsetSource?: 'PRESENT' | 'DERIVED' | 'AMBIGUOUS'

  currency: CurrencyCode
  customerId?: ExternalIdentifier
  loyaltyAccountId?: ExternalIdentifier
  trainingMode?: boolean
  offline?: boolean

  /** @maxItems 10000 */
  lines: Line[]
  /** The till's own figures. */
  totals?: Totals
  /** @maxItems 100 */
  links?: TransactionLink[]
  /** Cash management: the amount that moved (float, pickup, paid in or out), signed into the drawer. */
  cashMovement?: { amount: DecimalString; reasonCode?: ExternalIdentifier }
  tillSession?: TillSession
  zReport?: ZReport
  fiscal?: Fiscal
  extensions?: Extensions
}

/** Points to another transaction: by its key, or by the parts of one. */
export interface TransactionLink {
  linkType: LinkType
  /** `transactionKey` of the other transaction, where known. @maxLength 512 */
  transactionKey?: string
  businessUnitId?: Identifier
  workstationId?: Identifier
  series?: Identifier
  /** @minimum 0 @maximum 9007199254740991 @asType integer */
  sequenceNumber?: number
  businessDayDate?: CalendarDate
  receiptNumber?: ExternalIdentifier
  reasonCode?: ExternalIdentifier
}

/** What a fiscal device signed. Kept verbatim: a signature breaks on any reformatting. */
export interface Fiscal {
  /** @pattern ^[A-Z]{2}$ */
  country?: string
  status: FiscalStatus
  deviceSerial?: ExternalIdentifier
  /** @asType integer */
  signatureCounter?: number
  transactionNumber?: ExternalIdentifier
  processType?: Text
  startTime?: Timestamp
  logTime?: Timestamp
  /** @maxLength 4096 */
  signature?: string
  algorithm?: Text
  /** @maxLength 4096 */
  publicKey?: string
  /** @maxLength 8192 */
  qrCode?: string
  failureReason?: Text
}
