/**
 * A receipt in Tryton's terms before its codes are looked up: what is revenue becomes a sale with its invoice and stock moves,
 * what is paid and what is not revenue (tips, gift cards, deposits ...) one account move. All amounts are decimal strings in the
 * receipt's currency, above zero for goods out and money in.
 *
 * total = sum of lines + taxes + entries = sum of payments
 */
export interface TheirReceipt {
  /** Of the sale, the invoice and the payment: the transaction's permanent key. */
  reference: string
  /** Reference of the sale that this one goes back to. */
  original?: string
  store: string
  businessDay: string
  currency: string
  /** Code of the party: the customer where the receipt names one, else whoever walks into this store. */
  party: string
  total: string
  tax: string
  lines: TheirLine[]
  taxes: TheirTax[]
  /** Money that is nobody's revenue: account code and amount, credited above zero. */
  entries: { account: string; amount: string }[]
  /** Money in, by account code; debited above zero. */
  payments: { account: string; amount: string; description: string }[]
}

export interface TheirLine {
  /** Product code. */
  product: string
  /** What the product is made as, where it is not there yet. */
  productType: 'goods' | 'service'
  description: string
  /** Unit code (UN/ECE Recommendation 20) that the product is made with, where it is not there yet. */
  unit: string
  /** Below zero for what comes back. */
  quantity: string
  /** Without tax; `amount` is what Tryton makes of quantity and price, rounded to the currency. */
  unitPrice: string
  amount: string
  /** Code of the place whose stock changes; absent for what has no stock. */
  stockPlace?: { store: string; bucket: 'SELLABLE' | 'LOST' }
}

export interface TheirTax {
  /** Name of the tax, made of its kind and rate, e.g. `TILL-VAT-19`. */
  name: string
  ratePercent?: string
  base: string
  amount: string
}
