import {
  compare,
  type Decimal,
  decimal,
  formatDecimal,
  multiply,
  parseDecimal,
  roundTo,
  zero,
} from '../../domain/decimal.ts'
import type { SaleLine } from '../../domain/transaction/line.ts'
import { readNumber } from './amounts.ts'
import { type Json, objectsAt, textAt } from './json.ts'

/**
 * Shopify counts pieces and nothing else. What was weighed is one piece at the price of the whole; its weight is told in `grams`, and
 * what the till said in properties of the line item, whose names begin with `_` so that no customer is shown them.
 */
const names = { quantity: '_tillflow_quantity', unit: '_tillflow_unit', unitPrice: '_tillflow_unit_price' } as const

const gramsByUnit: ReadonlyMap<string, string> = new Map(
  Object.entries({ GRM: '1', KGM: '1000', LBR: '453.59237', ONZ: '28.34952' }),
)

export function isWeighed(quantity: string): boolean {
  return quantity.includes('.') && !/\.0+$/.test(quantity)
}

/** `grams` and `properties` of a line item; nothing for whole pieces. */
export function writeWeight({ quantity, unitOfMeasure, actualUnitPrice, regularUnitPrice }: SaleLine): object {
  if (!isWeighed(quantity)) return {}
  const told = quantity.replace(/^-/, '')
  const unitPrice = actualUnitPrice ?? regularUnitPrice
  const grams = gramsOf(decimal(told), unitOfMeasure)
  const property = (name: string, value: string | undefined) => (value === undefined ? [] : [{ name, value }])
  return {
    ...(grams && { grams: Number(formatDecimal(grams)) }),
    properties: [
      ...property(names.quantity, told),
      ...property(names.unit, unitOfMeasure),
      ...property(names.unitPrice, unitPrice),
    ],
  }
}

export interface Weight {
  quantity: Decimal
  unitOfMeasure: string
  unitPrice?: string
}

/**
 * The weight of one piece, where a till told it and `grams` agrees, which is Shopify's own: properties are also what a shopper of a
 * web shop may write. Anything else under these names is none. Ask only for what was sold or taken back at a till.
 */
export function readWeight(item: Json, pieces: Decimal): Weight | undefined {
  const told = (name: string) => {
    const property = objectsAt(item, 'properties').find((one) => textAt(one, 'name') === name)
    return textAt(property, 'value')
  }
  const quantity = amountOf(told(names.quantity))
  if (quantity === undefined || compare(pieces, decimal('1')) !== 0) return undefined
  const [unitOfMeasure, unitPrice] = [told(names.unit), told(names.unitPrice)]
  const [grams, shopifyGrams] = [gramsOf(quantity, unitOfMeasure), readNumber(textAt(item, 'grams') ?? '')]
  if (unitOfMeasure === undefined || !grams || !shopifyGrams || compare(grams, shopifyGrams) !== 0) return undefined
  return { quantity, unitOfMeasure, ...(amountOf(unitPrice) && unitPrice !== undefined && { unitPrice }) }
}

/** Whole grams; undefined for a unit that is none of weight. */
function gramsOf(quantity: Decimal, unitOfMeasure: string | undefined): Decimal | undefined {
  const grams = gramsByUnit.get(unitOfMeasure ?? '')
  return grams === undefined ? undefined : roundTo(multiply(quantity, decimal(grams)), 0)
}

function amountOf(text: string | undefined): Decimal | undefined {
  if (text === undefined || !/^(0|[1-9]\d{0,14})(\.\d{1,5})?$/.test(text)) return undefined
  const parsed = parseDecimal(text)
  return parsed && compare(parsed, zero) > 0 ? parsed : undefined
}
