import type { ReadContext, ReadResult } from '../../contract/source.ts'
import type { TransactionType } from '../../domain/transaction/codes.ts'
import type { InventoryLine, StockPlace } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { headingOf, type InventoryObjectType, type Place, placeInStore, readFact } from './fact.ts'
import { child, defined, type Fields, neededText, text, Unreadable } from './fields.ts'
import { currencyOf, moneyIn } from './money.ts'
import { stockStates, translate, type UnknownWords } from './words.ts'

const noLocation = 'Goods that were counted or moved do not say in which location.'

/**
 * How many there are by Square's reckoning: the last physical count and what happened since. It has no id; it is one thing in one
 * state in one place, as of the moment from which it holds, and what it said of that moment does not change.
 */
export function readInventoryCount(count: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  return [readFact(bytes, count, context, (unknown) => makePosition(count, context, unknown))]
}

function makePosition(count: Fields, context: ReadContext, unknown: UnknownWords): Transaction {
  const place = placeInStore(count, context, noLocation)
  const parts = ['catalog_object_id', 'location_id', 'state', 'calculated_at'].map((name) => neededText(count, name))
  const extensions = extensionsOf(count)
  return {
    ...headingOf(place, {
      objectType: 'inventory_count',
      objectId: parts.join('/'),
      transactionType: 'INVENTORY_POSITION',
      status: 'COMPLETED',
      currency: place.currency,
      endDateTime: place.time(count, 'calculated_at'),
    }),
    source: { system: 'Square' },
    lines: [lineOf(count, { at: stateIn(place.businessUnitId, count, 'state', extensions, unknown) })],
    extensions,
  }
}

interface ChangeKind {
  member: 'physical_count' | 'adjustment' | 'transfer'
  objectType: InventoryObjectType
  transactionType: TransactionType
}

const kinds: Readonly<Record<string, ChangeKind>> = {
  PHYSICAL_COUNT: {
    member: 'physical_count',
    objectType: 'inventory_physical_count',
    transactionType: 'INVENTORY_COUNT',
  },
  ADJUSTMENT: { member: 'adjustment', objectType: 'inventory_adjustment', transactionType: 'INVENTORY_ADJUSTMENT' },
  TRANSFER: { member: 'transfer', objectType: 'inventory_transfer', transactionType: 'INVENTORY_TRANSFER' },
}

/** The members of a change that hold what happened. */
export const changeKinds: readonly string[] = Object.values(kinds).map(({ member }) => member)

/** Goods that somebody counted, moved from one state to another, or sent to another store. Each has a permanent id. */
export function readInventoryChange(change: Fields, context: ReadContext, bytes: Uint8Array): ReadResult[] {
  return [readFact(bytes, change, context, (unknown) => makeChange(change, context, unknown))]
}

function makeChange(change: Fields, context: ReadContext, unknown: UnknownWords): Transaction {
  const type = neededText(change, 'type')
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined
  const happened = kind && child(change, kind.member)
  if (kind === undefined || happened === undefined)
    throw new Unreadable('unreadable-content', 'The change of stock is of a kind that nobody knows.')
  const from = kind.member === 'transfer' ? 'from_location_id' : 'location_id'
  const place = placeInStore({ location_id: happened[from] }, context, noLocation)
  const id = neededText(happened, 'id')
  const extensions = { ...extensionsOf(happened), ...causeOf(happened) }
  return {
    ...headingOf(place, {
      objectType: kind.objectType,
      objectId: id,
      transactionType: kind.transactionType,
      status: 'COMPLETED',
      currency: place.currency,
      endDateTime: place.time(happened, 'occurred_at') ?? place.time(happened, 'created_at'),
    }),
    ...defined({ operatorId: text(happened, 'team_member_id') ?? text(happened, 'employee_id') }),
    source: { system: 'Square', transactionId: id },
    lines: [lineOf(happened, placesOf(kind, happened, place, context, extensions, unknown))],
    extensions,
  }
}

type Places = Pick<InventoryLine, 'at' | 'from' | 'to'>

function placesOf(
  { member }: ChangeKind,
  happened: Fields,
  { businessUnitId }: Place,
  context: ReadContext,
  extensions: Record<string, unknown>,
  unknown: UnknownWords,
): Places {
  const state = (name: string, store = businessUnitId) => stateIn(store, happened, name, extensions, unknown)
  if (member === 'physical_count') return { at: state('state') }
  if (member === 'adjustment') return { from: state('from_state'), to: state('to_state') }
  const other = placeInStore({ location_id: happened.to_location_id }, context, noLocation)
  return { from: state('state'), to: state('state', other.businessUnitId) }
}

/** Square's own word is kept as well: it has several where the model has one. */
function stateIn(
  locationId: string,
  of: Fields,
  field: string,
  extensions: Record<string, unknown>,
  unknown: UnknownWords,
): StockPlace {
  const word = neededText(of, field)
  const state = translate(stockStates, { field, word, extensions, unknown }) ?? 'OTHER'
  extensions[`square:${field}`] = word.slice(0, 64)
  return { locationId, state }
}

function lineOf(of: Fields, places: Places): InventoryLine {
  return {
    lineNumber: 1,
    lineType: 'INVENTORY',
    itemId: neededText(of, 'catalog_object_id'),
    quantity: neededText(of, 'quantity'),
    ...places,
  }
}

const namesKept = ['catalog_object_type', 'location_id', 'from_location_id', 'to_location_id'] as const

function extensionsOf(of: Fields): Record<string, unknown> {
  return defined(Object.fromEntries(namesKept.map((name) => [`square:${name}`, text(of, name)])))
}

const causes = ['reference_id', 'transaction_id', 'refund_id', 'purchase_order_id', 'goods_receipt_id'] as const

/** Why goods moved. What a sale moved is told by the order too, and the state (`SOLD`) says so: it must not be taken off twice. */
function causeOf(happened: Fields): Record<string, unknown> {
  const currency = currencyOf(happened, ['total_price_money'])
  const price = currency === undefined ? undefined : moneyIn(currency).text(happened, 'total_price_money')
  const { product } = child(happened, 'source') ?? {}
  return defined({
    ...Object.fromEntries(causes.map((name) => [`square:${name}`, text(happened, name)])),
    'square:created_at': text(happened, 'created_at'),
    'square:product': typeof product === 'string' ? product.slice(0, 64) : undefined,
    'square:total_price_money': price === undefined ? undefined : { amount: price, currency },
  })
}
