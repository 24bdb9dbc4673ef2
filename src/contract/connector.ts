import type { Transaction } from '../domain/transaction/transaction.ts'
import type { Logger } from './logger.ts'

/** A document that the target made of an event: its own id, kind and amounts. */
export interface TargetDocument {
  documentId: string
  kind: string
  /** Decimal string in `currency`, where the target said one. */
  amount?: string
  tax?: string
  currency?: string
  postedAt?: string
}

/** What a target answered. Only delivery decides what happens next. */
export type Outcome =
  | { kind: 'delivered'; documents: TargetDocument[] }
  /** `throttled`: it wants no more requests for now (HTTP 429), whatever is in them: nothing is sent until `afterMs` is over. */
  | { kind: 'retry'; reason: string; afterMs?: number; throttled?: true }
  | { kind: 'waits'; for: string }
  | { kind: 'skipped'; reason: string }
  | { kind: 'rejected'; reason: string }
  /** Nothing is taken at this address any more (HTTP 410): the target is paused until an operator resumes it. */
  | { kind: 'gone'; reason: string }
  /** The target may or may not have taken it: the answer was lost. */
  | { kind: 'unknown'; reason: string }

/** One event as a connector sees it. */
export interface DeliveryEvent {
  /** Stable for ever; the base of every idempotency key. */
  eventId: string
  /** CloudEvents type, e.g. `pos.transaction.recorded.v1`. */
  type: string
  /** `transactionKey` of the receipt. */
  subject: string
  orderingKey: string
  recordedAt: string
  /** W3C traceparent under which the receipt was recorded; the same in every attempt. */
  traceparent?: string
  transaction: Transaction
}

/** How something is now, as a connector sees it: a later event of the same subject makes an earlier one void. */
export interface StateEvent extends Omit<DeliveryEvent, 'transaction'> {
  state: Record<string, unknown>
}

/** Somebody asked to be forgotten. The target is told what stands in the person's place, and which receipts were the person's. */
export interface ErasureEvent extends Omit<DeliveryEvent, 'transaction'> {
  kind: 'customer' | 'loyalty'
  /** As in events on the bus: `ref_...`. */
  reference: string
  /** Keys of receipts that named the person, at most 1,000. */
  transactionKeys: readonly string[]
  /** How many there are. */
  transactionsCount: number
}

export interface ConnectorContext {
  fetch: GuardedFetch
  logger: Logger
  now(): number
  /** Aborts when the time for this attempt is over. */
  signal: AbortSignal
  /** 1 for the first attempt. */
  attempt: number
  /** The same in every attempt of the same event at the same target; another one only where a person has it sent again on purpose. */
  idempotencyKey: string
  /** The replay that brought the event back. */
  replayId?: string
  /** For connectors that say `resumes`: what earlier attempts have done. Others have no steps and may record none. */
  steps: RecordedSteps
}

/**
 * The steps of one event at one target that makes several documents of it. A step is recorded after the target has said that
 * it is done, so a step that is missing here may have been done all the same: the connector looks before it does it again.
 */
export interface RecordedSteps {
  /** By name of the step, in the order in which they were done. */
  done: ReadonlyMap<string, TargetDocument>
  /** Durable when it resolves. Throws when this attempt may not go on, because somebody else delivers the event now. */
  record(step: string, document: TargetDocument): Promise<void>
}

/** An answer whose body was read up to the cap. */
export interface HttpAnswer {
  status: number
  headers: Record<string, string>
  body: string
  /** The body was longer than the cap: this is its beginning. */
  truncated?: true
  /** By its rate limit headers the target takes nothing more for so long; absent: it did not say so. */
  exhaustedForMs?: number
}

export interface HttpRequest {
  method: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  signal?: AbortSignal
}

/** The one way out: guarded against private addresses, no redirects, capped in time and size. Throws `Problem`s and `TransportFailure`s. */
export type GuardedFetch = (url: string, request: HttpRequest) => Promise<HttpAnswer>

/** What the target says it has of one store and day, for the store day's comparison. */
export interface StoreDayRecord {
  reference: string
  documents: TargetDocument[]
  /** What was paid by means of payment, in the receipt's currency, where the target can say. Decimal strings. */
  tenders?: { tenderType: string; amount: string }[]
  /** Taxes as they are booked, where the target can say. Decimal strings. */
  taxes?: { taxId: string; base?: string; amount: string }[]
}

export interface ConnectorFeatures {
  /** The target collapses repeated idempotency keys, so that a resend has one effect. */
  idempotent: boolean
  /** `findPosting` is there and can be trusted to see everything that was posted. */
  lookUp: boolean
  /** An attempt takes up where an earlier one stopped: every step is recorded, and looked for before it is done again. */
  resumes?: boolean
  /** Another idempotency key makes another document. Without it nothing can be sent again on purpose: it would have no effect. */
  repeatable?: boolean
}

/** A field of a connector's settings: drives validation, the docs and redaction. */
export interface ConnectorSetting {
  name: string
  kind: 'string' | 'url' | 'integer' | 'boolean' | 'choice' | 'secret'
  title: string
  required: boolean
  default?: string | number | boolean
  choices?: readonly string[]
  /** For `integer`: bounds and unit. */
  minimum?: number
  maximum?: number
  unit?: string
}

export type ConnectorSettings = Record<string, string | number | boolean>

/** The connection to one configured target. Abilities are optional methods. */
export interface Connection {
  /** What this connection promises with its present settings (a target may be idempotent only when switched on). */
  features: ConnectorFeatures
  postTransaction?(event: DeliveryEvent, context: ConnectorContext): Promise<Outcome>
  /** Sends how something is now. It must bear being repeated: a state that was set twice is the same state. */
  postState?(event: StateEvent, context: ConnectorContext): Promise<Outcome>
  /** Lets the target forget a person. It must bear being repeated: who is forgotten twice is forgotten. */
  eraseCustomer?(event: ErasureEvent, context: ConnectorContext): Promise<Outcome>
  /** Looks for what an earlier attempt may have left. `undefined`: certainly not there. */
  findPosting?(event: DeliveryEvent, context: ConnectorContext): Promise<TargetDocument[] | undefined>
  readStoreDay?(
    day: { businessUnitId: string; businessDayDate: string },
    context: ConnectorContext,
  ): AsyncIterable<StoreDayRecord>
  /** What `postTransaction` would send, or a promise of it: the payload after translation, for people to read and shadows to compare. */
  preview?(event: DeliveryEvent): unknown
  close?(): Promise<void>
}

export interface Connector {
  name: string
  title: string
  settings: readonly ConnectorSetting[]
  /** Throws `Problem` `target-not-allowed` or `settings-invalid`, at save. */
  connect(settings: ConnectorSettings, environment: ConnectEnvironment): Connection
}

export interface ConnectEnvironment {
  logger: Logger
  /** Private and loopback addresses are allowed for this target (an ERP in the retailer's own network). */
  allowPrivateNetwork: boolean
}
