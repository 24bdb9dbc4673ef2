import { hasValidCheckDigit } from '../../domain/identifiers.ts'
import type { Dice } from './dice.ts'

/** Something on the shelves. All of it is invented. */
export interface Item {
  itemId: string
  gtin: string
  description: string
  /** Price in minor units of a currency with two decimals. */
  priceMinor: number
  taxCategory: 'standard' | 'reduced'
}

const kinds = [
  'Coffee',
  'Tea',
  'Bread',
  'Jam',
  'Soap',
  'Towel',
  'Mug',
  'Lamp',
  'Socks',
  'Shirt',
  'Notebook',
  'Pen',
  'Candle',
  'Basket',
] as const
const makes = ['North', 'Harbour', 'Meadow', 'Copper', 'Linen', 'Cedar', 'Granite', 'Lantern'] as const
const foods = new Set<string>(['Coffee', 'Tea', 'Bread', 'Jam'])

/** A small assortment, the same for all stores. GTINs are of the range for restricted circulation, with right check digits. */
export const assortment: readonly Item[] = makes.flatMap((make, row) =>
  kinds.map((kind, column): Item => {
    const number = row * kinds.length + column
    return {
      itemId: String(40_000 + number),
      gtin: gtinOf(number),
      description: `${make} ${kind}`,
      priceMinor: 99 + ((number * 7_919) % 4_900),
      taxCategory: foods.has(kind) ? 'reduced' : 'standard',
    }
  }),
)

export function pickItem(dice: Dice): Item {
  // A few items make most of the turnover.
  return dice.chance(0.5) ? dice.pick(assortment.slice(0, 12)) : dice.pick(assortment)
}

function gtinOf(number: number): string {
  const body = `020${String(number).padStart(10, '0')}`
  for (let digit = 0; digit < 10; digit += 1) if (hasValidCheckDigit(`${body}${digit}`)) return `${body}${digit}`
  throw new RangeError('one of ten digits is the check digit')
}
