import type { BookedDocument } from './books.ts'

export interface KindTotal {
  kind: string
  currency: string
  documents: number
  total: number
  tax: number
}

/** What the books say of a store's day: per kind and currency, and per means of payment. Minor units. */
export function totalDay(documents: readonly BookedDocument[]): {
  documents: number
  kinds: KindTotal[]
  payments: Record<string, number>
} {
  const kinds = new Map<string, KindTotal>()
  const payments: Record<string, number> = {}
  for (const { kind, currency, total, tax, payments: paid } of documents) {
    const key = `${kind}/${currency}`
    const sums = kinds.get(key) ?? { kind, currency, documents: 0, total: 0, tax: 0 }
    sums.documents += 1
    sums.total += total
    sums.tax += tax
    kinds.set(key, sums)
    for (const [method, amount] of Object.entries(paid)) payments[method] = (payments[method] ?? 0) + amount
  }
  return { documents: documents.length, kinds: [...kinds.values()], payments }
}
