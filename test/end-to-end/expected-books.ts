import { decimal, negate } from '../../src/domain/decimal.ts'
import type { StoreDayFigures, Truth } from '../../src/simulator/truth/shape.ts'
import { Sums, type Totals } from '../peers/tryton/tryton-totals.ts'

/** What an ERP must come to: by store, day and tender; by store, day and tax rate; stock by store and item. */
export interface ExpectedBooks {
  tenders: Totals
  taxes: Totals
  stock: Record<string, Totals>
  /** Receipts for the books, whether or not they sold anything. */
  receipts: number
}

/** What was sold, less what nobody was told of and what must be refused. */
export function expectedBooks({ storeDays }: Truth): ExpectedBooks {
  const [tenders, taxes, stock] = [new Sums(), new Sums(), new Map<string, Sums>()]
  let receipts = 0
  const count = (place: string, store: Sums, figures: StoreDayFigures, isTaken: boolean) => {
    const signed = (text: string) => (isTaken ? negate(decimal(text)) : decimal(text))
    for (const { tenderType, amount } of figures.tenders) tenders.add(`${place} ${tenderType}`, signed(amount))
    for (const { ratePercent, tax } of figures.taxes) taxes.add(`${place} ${ratePercent}`, signed(tax))
    for (const { itemId, movement } of figures.stock) store.add(itemId, signed(movement))
    const sum = Object.values(figures.receipts).reduce((total, one) => total + one, 0)
    receipts += isTaken ? -sum : sum
  }
  for (const { businessUnitId, businessDayDate, sold, withheld, poisoned } of storeDays) {
    const store = stock.get(businessUnitId) ?? new Sums()
    stock.set(businessUnitId, store)
    count(`${businessUnitId} ${businessDayDate}`, store, sold, false)
    for (const part of [withheld, poisoned]) if (part) count(`${businessUnitId} ${businessDayDate}`, store, part, true)
  }
  return {
    tenders: tenders.texts(),
    taxes: taxes.texts(),
    stock: Object.fromEntries([...stock].map(([store, sums]) => [store, sums.texts()])),
    receipts,
  }
}

/** Keys of the receipts that a fault was planted in. */
export function plantedKeys({ storeDays }: Truth, fault: string): string[] {
  return storeDays
    .flatMap(({ planted }) => planted.filter((one) => one.fault === fault))
    .flatMap((one) => one.transactionKeys)
    .sort()
}
