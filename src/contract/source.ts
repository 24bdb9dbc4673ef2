import type { Finding } from '../domain/finding.ts'
import type { StoreProfile } from '../domain/store.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import type { Problem, ProblemCode } from './problem.ts'
import type { SourceWebhooks } from './source-webhook.ts'

/** What a source is told about the world it reads in. Pure data: a reader does no I/O. */
export interface ReadContext {
  /** The profile of a store; an unknown store gets the installation's defaults. */
  store(businessUnitId: string): StoreProfile
  /** The vendor's account that the input comes from, for sources whose documents do not name our stores. */
  account?: SourceAccount
}

/** One account of the retailer at a vendor, as the settings describe it. */
export interface SourceAccount {
  /** The permanent name: it is part of the identity of every fact of the account (a shop domain, a merchant id). */
  account: string
  /** Our store for the vendor's location; undefined location: what was sold in none (online). Undefined where nobody mapped it. */
  storeOf(location: string | undefined): string | undefined
}

/** An account that may send webhooks. */
export interface ConnectedAccount extends SourceAccount {
  source: string
  /** Every name the vendor may use for it, the permanent one included. */
  names: readonly string[]
  /** Any of these signs its webhooks; none: webhooks of this account are refused. */
  secrets: readonly { reveal(): string }[]
  /** The address the vendor was told to send to. */
  notificationUrl: string
}

/**
 * One slice of the input. `bytes` are the vendor's own, as they stand in the input, so that each transaction keeps its own raw record.
 * A document that states several facts (an order with its refunds) gives each of them the bytes of the whole.
 */
export type ReadResult =
  | {
      kind: 'transaction'
      transaction: Transaction
      /** What the reader itself noticed (a derived offset, a value it did not know). */
      findings: Finding[]
      /** Vendor values nobody knew, as `element=value`; they are kept in `extensions` and counted. */
      unknownValues: string[]
      bytes: Uint8Array
    }
  | {
      /** Well-formed, but no transaction can be made of it: kept in quarantine. */
      kind: 'unreadable'
      problem: ProblemCode
      detail: string
      /** What could still be read, so that a till number is occupied and no false gap appears. */
      partial: PartialIdentity
      bytes: Uint8Array
    }
  | {
      /**
       * Understood, and no transaction: too early (an open order), a summary of something that must be asked for, or nothing
       * that a till did (points). Answered and counted, not kept: the vendor still has it.
       */
      kind: 'noted'
      /** What it is, as a fixed word of the source: `order-open`, `loyalty-event`. */
      what: string
      /** How many of them; zero where the vendor answered that there is nothing. */
      count: number
      bytes: Uint8Array
    }
  | {
      /** Hostile or broken beyond reading, in a stream whose other slices are fine: answered with the problem, not kept. */
      kind: 'refused'
      problem: Problem
      bytes: Uint8Array
    }

/** A slice that is kept. */
export type KeptResult = Exclude<ReadResult, { kind: 'refused' | 'noted' }>

export type NotedResult = Extract<ReadResult, { kind: 'noted' }>

export interface PartialIdentity {
  businessUnitId?: string
  workstationId?: string
  series?: string
  sequenceNumber?: number
  businessDayDate?: string
}

export interface SourceFeatures {
  /** How completeness is proven. */
  completeness: 'numbered' | 'counted' | 'cursor'
  identity: 'till-number' | 'vendor-fact'
  /** Media types and file extensions this source recognises. */
  mediaTypes: readonly string[]
  fileExtensions: readonly string[]
}

/** The other direction: domain transactions as a document of the vendor, for simulators, anonymised test data and exports. */
export interface SourceWriter {
  /** With its dot; the first of the source's own. */
  fileExtension: string
  mediaType: string
  /** Whether the vendor's format has words for this transaction; what it cannot say is left out and counted by the caller. */
  canWrite(transaction: Transaction): boolean
  /**
   * One whole document with these transactions in their order, which the source itself reads back to the same facts. Written for
   * a till's or a store's day at most: it is held in memory. Throws a RangeError for a transaction that it cannot write.
   */
  writeDocument(transactions: readonly Transaction[], context: ReadContext): string
}

/**
 * Something that speaks for tills. `read` turns vendor bytes into domain transactions, in the order of the input, one at a
 * time in bounded memory. It throws a `Problem` when the input as a whole is hostile or broken (nothing after it is read).
 */
export interface Source {
  name: string
  title: string
  features: SourceFeatures
  /** Whether these first bytes look like this source's. */
  recognises(head: Uint8Array): boolean
  /** One whole document at once, for sources whose documents hold one transaction: the hot path of single uploads. Throws as `read` does. */
  readDocument?(bytes: Uint8Array, context: ReadContext): KeptResult
  /** For vendors that sign and push: how to tell that it was them. */
  webhooks?: SourceWebhooks
  /** For formats that can be written as well. */
  writer?: SourceWriter
  read(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, context: ReadContext): AsyncIterable<ReadResult>
}
