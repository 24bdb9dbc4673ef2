/** A document in the words of the reference ERP. Amounts are minor units as whole numbers: 12.50 EUR is 1250, 1250 JPY is 1250. */
export interface TheirDocument {
  reference: string
  kind: 'sale' | 'return' | 'void' | 'cash-movement' | 'till-close'
  store: string
  register?: string
  number?: number
  day: string
  issuedAt?: string
  currency: string
  total: number
  tax: number
  original?: string
  lines: { position: number; article: string; text?: string; quantity: string; net: number }[]
  charges: { kind: string; amount: number }[]
  taxes: { rate?: string; amount: number; included: boolean }[]
  payments: { method: string; amount: number }[]
  closing?: { number?: number; counted?: number; expected?: number; difference?: number }
}

/** What the ERP answers about a booked document. */
export interface TheirBooking {
  id: string
  reference: string
  kind: string
  currency: string
  total: number
  tax: number
  bookedAt: string
}

/** Checks an answer's document; an ERP may answer 200 with anything. */
export function isTheirBooking(value: unknown): value is TheirBooking {
  if (value === null || typeof value !== 'object') return false
  const booking = value as Record<string, unknown>
  const texts = ['id', 'reference', 'kind', 'currency', 'bookedAt']
  return (
    texts.every((name) => typeof booking[name] === 'string' && booking[name] !== '') &&
    Number.isSafeInteger(booking.total) &&
    Number.isSafeInteger(booking.tax)
  )
}
