import type { TransactionType, WorkstationType } from '../../domain/transaction/codes.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { type StorePlan, workstationTypeOf } from './store-plan.ts'
import { timestampWriter } from './till-clock.ts'
import type { TillBooks } from './till-tally.ts'

/** Gives every transaction of a till's day its number and its time, one after the other. */
export class TillWriter {
  readonly workstationType: WorkstationType
  operatorId: string | undefined
  readonly #plan: StorePlan
  readonly #workstationId: string
  readonly #businessDayDate: string
  readonly #books: TillBooks
  readonly #write: (instantMs: number) => string
  readonly #paceMs: number
  #freeAtMs: number

  /** `paceMs`: the longest that one shopper may take, so that a till with many of them still closes in time. */
  constructor(options: {
    plan: StorePlan
    workstationId: string
    businessDayDate: string
    books: TillBooks
    opensAtMs: number
    paceMs: number
  }) {
    this.#plan = options.plan
    this.#workstationId = options.workstationId
    this.#businessDayDate = options.businessDayDate
    this.#books = options.books
    this.#paceMs = options.paceMs
    this.#freeAtMs = options.opensAtMs
    this.#write = timestampWriter(options.plan.profile.timeZone)
    this.workstationType = workstationTypeOf(options.plan, options.workstationId)
  }

  /** Nothing begins before this instant; a shopper who comes while the till is busy waits. */
  waitUntil(instantMs: number): void {
    if (instantMs > this.#freeAtMs) this.#freeAtMs = instantMs
  }

  get now(): string {
    return this.#write(this.#freeAtMs)
  }

  write(type: TransactionType, changes: Partial<Transaction> = {}): Transaction {
    const beginMs = this.#freeAtMs
    const lines = changes.lines?.length ?? 0
    const endMs = beginMs + Math.min(this.#paceMs * 0.7, 4_000 + lines * 2_500)
    this.#freeAtMs = endMs + Math.min(this.#paceMs * 0.1, 3_000)
    const { businessUnitId, currency } = this.#plan.profile
    const { series, nextSequence } = this.#books
    this.#books.nextSequence += 1
    const transaction: Transaction = {
      schemaVersion: 1,
      transactionType: type,
      status: 'COMPLETED',
      businessUnitId,
      channel: 'POS',
      workstationId: this.#workstationId,
      workstationType: this.workstationType,
      sequenceNumber: nextSequence,
      businessDayDate: this.#businessDayDate,
      businessDayDateSource: 'REPORTED',
      beginDateTime: this.#write(beginMs),
      endDateTime: this.#write(endMs),
      currency,
      lines: [],
    }
    if (series !== undefined) transaction.series = series
    if (this.operatorId !== undefined) transaction.operatorId = this.operatorId
    return Object.assign(transaction, changes)
  }
}
