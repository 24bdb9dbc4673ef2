import type { InventoryLine, StockPlace } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { defined, isFields } from './fields.ts'
import { stockStates } from './words.ts'
import { toMoney } from './write-lines.ts'

export interface InventoryChange {
  type: string
  [member: string]: unknown
}

/** What there was at a moment, in one state in one place. */
export function writeInventoryCount(fact: Transaction): object {
  const line = inventoryLineOf(fact)
  return defined({ ...goodsOf(fact, line), state: stateOf(fact, 'state', line.at), calculated_at: fact.endDateTime })
}

/** A count, an adjustment or a transfer, under the member of its kind. */
export function writeInventoryChange(fact: Transaction, objectType: string, id: string): InventoryChange {
  const line = inventoryLineOf(fact)
  const kept = (name: string) => fact.extensions?.[`square:${name}`]
  const happened = defined({
    id,
    ...goodsOf(fact, line),
    ...statesOf(fact, objectType, line),
    reference_id: kept('reference_id'),
    transaction_id: kept('transaction_id'),
    refund_id: kept('refund_id'),
    purchase_order_id: kept('purchase_order_id'),
    goods_receipt_id: kept('goods_receipt_id'),
    total_price_money: priceOf(kept('total_price_money')),
    source: kept('product') === undefined ? undefined : { product: kept('product') },
    team_member_id: fact.operatorId,
    occurred_at: fact.endDateTime,
    created_at: kept('created_at'),
  })
  if (objectType === 'inventory_physical_count') return { type: 'PHYSICAL_COUNT', physical_count: happened }
  if (objectType === 'inventory_adjustment') return { type: 'ADJUSTMENT', adjustment: happened }
  return { type: 'TRANSFER', transfer: happened }
}

function inventoryLineOf({ lines }: Transaction): InventoryLine {
  const [line] = lines
  if (line?.lineType !== 'INVENTORY') throw new RangeError('Square has no words for stock without goods.')
  return line
}

function goodsOf({ extensions = {} }: Transaction, { itemId, quantity }: InventoryLine): object {
  return {
    catalog_object_id: itemId,
    catalog_object_type: extensions['square:catalog_object_type'],
    location_id: extensions['square:location_id'],
    from_location_id: extensions['square:from_location_id'],
    to_location_id: extensions['square:to_location_id'],
    quantity,
  }
}

function statesOf(fact: Transaction, objectType: string, { at, from, to }: InventoryLine): object {
  if (objectType !== 'inventory_adjustment') return { state: stateOf(fact, 'state', at ?? from) }
  return { from_state: stateOf(fact, 'from_state', from), to_state: stateOf(fact, 'to_state', to) }
}

/** Square's word as it was read, else the first that means the same. */
function stateOf(fact: Transaction, field: string, place: StockPlace | undefined): unknown {
  const word = fact.extensions?.[`square:${field}`]
  return word ?? Object.keys(stockStates).find((one) => stockStates[one] === place?.state)
}

function priceOf(kept: unknown): object | undefined {
  if (!isFields(kept) || typeof kept.amount !== 'string' || typeof kept.currency !== 'string') return undefined
  return toMoney(kept.amount, kept.currency)
}
