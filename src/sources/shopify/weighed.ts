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
import { type Json, objectsAt, textAt } from './json.ts'

/**
 * Shopify counts pieces and nothing else. What was weighed is one piece at the price of the whole; its weight is told in `grams`, and
 * what the till said in properties of the line item, whose names begin with `_` so that no customer is shown them.
 */
const names = { quantity: '_tillflow_quantity', unit: '_tillflow_unit', unitPrice: '_tillflow_unit_price' } as const

const gramsByUnit: Readonly<Record<string, string>> = { GRM: '1', KGM: '1000', LBR: '453.59237', ONZ: '28.34952' }

export function isWeighed(quantity: string): boolean {
  return quantity.includes('.') && !/\.0+$/.test(quantity)
}

/** `grams` and `properties` of a line item; nothing for whole pieces. */
export function writeWeight({ quantity, unitOfMeasure, actualUnitPrice, regularUnitPrice }: SaleLine): object {
  if (!isWeighed(quantity)) return {}
  const told = quantity.replace(/^-/, '')
  const unitPrice = actualUnitPrice ?? regularUnitPrice
  const grams = gramsByUnit[unitOfMeasure ?? '']
  const property = (name: string, value: string | undefined) => (value === undefined ? [] : [{ name, value }])
  return {
    ...(grams !== undefined && { grams: Number(formatDecimal(roundTo(multiply(decimal(told), decimal(grams)), 0))) }),
    properties: [
      ...property(names.quantity, told),
      ...property(names.unit, unitOfMeasure),
      ...property(names.unitPrice, unitPrice),
    ],
  }
}

export interface Weight {
  quantity: Decimal
  unitOfMeasure?: string
  unitPrice?: string
}

/** The weight of one piece, where a till told it; anything else under these names is none. */
export function readWeight(item: Json, pieces: Decimal): Weight | undefined {
  const told = (name: string) => {
    const property = objectsAt(item, 'properties').find((one) => textAt(one, 'name') === name)
    return textAt(property, 'value')
  }
  const quantity = amountOf(told(names.quantity))
  if (quantity === undefined || compare(pieces, decimal('1')) !== 0) return undefined
  const [unit, price] = [told(names.unit), told(names.unitPrice)]
  return {
    quantity,
    ...(unit !== undefined && /^[A-Z0-9]{1,3}$/.test(unit) && { unitOfMeasure: unit }),
    ...(price !== undefined && amountOf(price) && { unitPrice: price }),
  }
}

function amountOf(text: string | undefined): Decimal | undefined {
  if (text === undefined || !/^(0|[1-9]\d{0,14})(\.\d{1,5})?$/.test(text)) return undefined
  const parsed = parseDecimal(text)
  return parsed && compare(parsed, zero) > 0 ? parsed : undefined
}
