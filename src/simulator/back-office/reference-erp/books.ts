import { createHash } from 'node:crypto'
import type { DocumentKind, PostedDocument, Refusal } from './document.ts'

/** A line of `effects.ndjson`: one document that was booked. Amounts in minor units. */
export interface BookedDocument {
  sequence: number
  id: string
  reference: string
  idempotencyKey?: string
  kind: DocumentKind
  store: string
  register?: string
  day: string
  currency: string
  total: number
  tax: number
  original?: string
  /** Sums by means of payment. */
  payments: Record<string, number>
  bookedAt: string
  contentHash: string
}

export interface BooksRules {
  /** A second document with the same idempotency key is answered with the first. */
  idempotent: boolean
  /** What happens to a return or void whose original is not in the books. */
  unknownOriginal: 'book' | 'conflict' | 'refuse'
}

export type BookingResult =
  | { kind: 'booked'; document: BookedDocument }
  | { kind: 'seen-before'; document: BookedDocument }
  | { kind: 'refused'; status: 409 | 422; refusal: Refusal }

/** The documents of a day, for look-up and totals. Everything in memory, rebuilt from the log of effects. */
export class Books {
  readonly #byReference = new Map<string, BookedDocument[]>()
  readonly #byKey = new Map<string, BookedDocument>()
  readonly #byDay = new Map<string, BookedDocument[]>()
  #count = 0

  /** Documents booked. */
  get count(): number {
    return this.#count
  }

  get referencesCount(): number {
    return this.#byReference.size
  }

  /** Takes in a document that is in the log already. */
  restore(document: BookedDocument): void {
    this.#count = Math.max(this.#count, document.sequence)
    pushTo(this.#byReference, document.reference, document)
    pushTo(this.#byDay, `${document.store}/${document.day}`, document)
    if (document.idempotencyKey !== undefined) this.#byKey.set(document.idempotencyKey, document)
  }

  book(posted: PostedDocument, idempotencyKey: string | undefined, rules: BooksRules, at: Date): BookingResult {
    const contentHash = createHash('sha256').update(JSON.stringify(posted)).digest('base64url')
    const first = rules.idempotent && idempotencyKey !== undefined ? this.#byKey.get(idempotencyKey) : undefined
    if (first) {
      if (first.contentHash === contentHash) return { kind: 'seen-before', document: first }
      return refused(422, 'idempotency-key-reused', 'The key was used for another document.')
    }
    const { original } = posted
    if (original !== undefined && rules.unknownOriginal !== 'book' && !this.#byReference.has(original)) {
      const status = rules.unknownOriginal === 'conflict' ? 409 : 422
      return refused(status, 'unknown-original', 'The original document is not in the books.')
    }
    const sequence = this.#count + 1
    const document: BookedDocument = {
      sequence,
      id: `DOC-${String(sequence).padStart(8, '0')}`,
      reference: posted.reference,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      kind: posted.kind,
      store: posted.store,
      ...(posted.register !== undefined && { register: posted.register }),
      day: posted.day,
      currency: posted.currency,
      total: posted.total,
      tax: posted.tax,
      ...(original !== undefined && { original }),
      payments: paymentSums(posted),
      bookedAt: at.toISOString(),
      contentHash,
    }
    this.restore(document)
    return { kind: 'booked', document }
  }

  findByReference(reference: string): readonly BookedDocument[] {
    return this.#byReference.get(reference) ?? []
  }

  documentsOf(store: string, day: string): readonly BookedDocument[] {
    return this.#byDay.get(`${store}/${day}`) ?? []
  }
}

function refused(status: 409 | 422, code: string, message: string): BookingResult {
  return { kind: 'refused', status, refusal: { code, message } }
}

function paymentSums(posted: PostedDocument): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { method, amount } of posted.payments) sums[method] = (sums[method] ?? 0) + amount
  return sums
}

function pushTo(map: Map<string, BookedDocument[]>, key: string, document: BookedDocument): void {
  const list = map.get(key)
  if (list) list.push(document)
  else map.set(key, [document])
}
