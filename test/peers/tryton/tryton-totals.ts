import { add, type Decimal, decimal, formatDecimal, negate, zero } from '../../../src/domain/decimal.ts'
import { decimalOf, type TrytonApi, toDate } from './tryton-api.ts'

/** Sums by what they are of, e.g. `101 2026-03-02 CASH`. */
export type Totals = Record<string, string>

/** Totals of everything in Tryton's books, by store, business day and means of payment or tax, as Tryton itself adds them up. */
export interface TrytonTotals {
  /** Money by store, day and tender, in the currency of the store. */
  tenders: Totals
  /** Tax by store, day and name. */
  taxes: Totals
  /** Invoiced with tax, by store and day. */
  invoiced: Totals
  invoicesCount: number
  /** Invoices that are not paid, or whose sale has not come to its end. */
  openCount: number
}

export async function readTotals(api: TrytonApi): Promise<TrytonTotals> {
  const sales = await api.searchRead(
    'sale.sale',
    [],
    [
      'sale_date',
      'state',
      'warehouse.code',
      ...['state', 'total_amount'].map((field) => `invoices.${field}`),
      ...['description', 'amount'].map((field) => `invoices.taxes.${field}`),
    ],
  )
  const sums = { tenders: new Sums(), taxes: new Sums(), invoiced: new Sums() }
  let openCount = 0
  let invoicesCount = 0
  for (const sale of sales) {
    const place = `${(sale['warehouse.'] as { code: string }).code} ${dayOf(sale.sale_date)}`
    const invoices = sale['invoices.'] as Record<string, unknown>[]
    invoicesCount += invoices.length
    if (sale.state !== 'done' || invoices.some((invoice) => invoice.state !== 'paid')) openCount += 1
    for (const invoice of invoices) {
      sums.invoiced.add(place, decimal(decimalOf(invoice.total_amount)))
      for (const tax of invoice['taxes.'] as { description: string; amount: unknown }[]) {
        sums.taxes.add(`${place} ${tax.description}`, decimal(decimalOf(tax.amount)))
      }
    }
  }
  for (const line of await readTenderLines(api)) {
    const { date, 'journal.': journal } = line['move.'] as { date: unknown; 'journal.': { code: string } }
    const tender = (line['account.'] as { code: string }).code.replace('TILL-TENDER-', '')
    sums.tenders.add(`${journal.code.replace('TILL-', '')} ${dayOf(date)} ${tender}`, amountOf(line))
  }
  return {
    tenders: sums.tenders.texts(),
    taxes: sums.taxes.texts(),
    invoiced: sums.invoiced.texts(),
    invoicesCount,
    openCount,
  }
}

function readTenderLines(api: TrytonApi): Promise<Record<string, unknown>[]> {
  const domain = [
    ['account.code', 'like', 'TILL-TENDER-%'],
    ['move.state', '=', 'posted'],
  ]
  const fields = ['debit', 'credit', 'amount_second_currency', 'account.code', 'move.date', 'move.journal.code']
  return api.searchRead('account.move.line', domain, fields)
}

/** Pieces that a store has of each product since the beginning; below zero for what was sold. Only products whose stock changed. */
export async function readStock(api: TrytonApi, store: string): Promise<Totals> {
  const [warehouse] = await api.searchRead(
    'stock.location',
    [
      ['code', '=', store],
      ['type', '=', 'warehouse'],
    ],
    ['id'],
  )
  const before = api.context
  api.context = { ...before, locations: [warehouse?.id], stock_date_end: toDate('2027-12-31') }
  const products = await api.searchRead('product.product', [['type', '=', 'goods']], ['code', 'quantity'])
  api.context = before
  const changed = products.filter((product) => product.quantity !== 0)
  return Object.fromEntries(changed.map((product) => [String(product.code), String(product.quantity)]).sort())
}

/** Exact sums under names. */
export class Sums {
  readonly #sums = new Map<string, Decimal>()

  add(name: string, amount: Decimal): void {
    this.#sums.set(name, add(this.#sums.get(name) ?? zero, amount))
  }

  /** What is not zero, sorted by name. */
  texts(): Totals {
    const texts = [...this.#sums].filter(([, amount]) => amount.unscaled !== 0n)
    return Object.fromEntries(texts.map(([name, amount]) => [name, formatDecimal(amount)]).sort())
  }
}

function amountOf(line: Record<string, unknown>): Decimal {
  if (line.amount_second_currency) return decimal(decimalOf(line.amount_second_currency))
  return add(decimal(decimalOf(line.debit)), negate(decimal(decimalOf(line.credit))))
}

function dayOf(date: unknown): string {
  const { year, month, day } = date as Record<string, number>
  return [year, String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
}
