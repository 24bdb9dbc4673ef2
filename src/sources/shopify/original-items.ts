import { add, compare, type Decimal, multiply, zero } from '../../domain/decimal.ts'
import { moneyAt, numberAt } from './amounts.ts'
import { isTip } from './item-line.ts'
import { idAt, type Json, objectsAt, textAt } from './json.ts'

export interface SplitItems {
  /** What the order was placed with. */
  original: Json[]
  /** What an edit or an exchange added to it later. */
  added: Json[]
}

/**
 * Tells the items that an order was placed with from those that were added later. Items carry no time, so two things of the order
 * tell it: its returns name what they gave in exchange; and `total_line_items_price` stays what it was when the order was placed,
 * so that the items which come to it, from the first, are the original ones.
 *
 * Where the header says nothing (it counts all items, or what is left of them after removals), all of them are original. If an
 * addition is not told apart, the order states other content than before: a conflict, which is kept and shown; nothing is doubled.
 */
export function splitItems(order: Json): SplitItems {
  const items = objectsAt(order, 'line_items')
  const exchanged = exchangedIds(order)
  const placed = items.filter((item) => !exchanged.has(idAt(item, 'id') ?? ''))
  const originalCount = countOriginal(placed, moneyAt(order, 'total_line_items_price'))
  const original = new Set(placed.slice(0, originalCount))
  return { original: [...original], added: items.filter((item) => !original.has(item)) }
}

function countOriginal(items: readonly Json[], total: Decimal | undefined): number {
  if (!total) return items.length
  const isTotal = (sum: Decimal) => compare(sum, total) === 0
  // Whether tips count as items is not the same in all versions of the API.
  const counting = [() => true, (item: Json) => !isTip(item)]
  const sumOf = (upTo: readonly Json[], counts: (item: Json) => boolean, quantityName: string) =>
    upTo.filter(counts).reduce((sum, item) => add(sum, priceOf(item, quantityName)), zero)
  const explains = (upTo: readonly Json[], quantityName = 'quantity') =>
    counting.some((counts) => isTotal(sumOf(upTo, counts, quantityName)))
  if (explains(items) || explains(items, 'current_quantity')) return items.length
  for (let count = items.length - 1; count > 0; count -= 1) {
    if (explains(items.slice(0, count))) return count
  }
  return items.length
}

function priceOf(item: Json, quantityName: string): Decimal {
  const quantity = numberAt(item, quantityName) ?? numberAt(item, 'quantity') ?? zero
  return multiply(moneyAt(item, 'price') ?? zero, quantity)
}

/** Ids of the items that returns of the order gave in exchange. */
function exchangedIds(order: Json): Set<string> {
  const given = objectsAt(order, 'returns').flatMap((one) => objectsAt(one, 'exchange_line_items'))
  return new Set(
    given.flatMap((one) => [
      ...[textAt(one, 'line_item_id')].filter((id) => id !== undefined),
      ...objectsAt(one, 'line_items').flatMap((item) => idAt(item, 'id') ?? []),
    ]),
  )
}
