import { hasValidCheckDigit } from '../../domain/identifiers.ts'
import type { TaxCategory } from './countries.ts'
import type { Dice } from './dice.ts'
import type { StorePlan } from './store-plan.ts'

/** Something on the shelves. All of it is invented. */
export interface Item {
  itemId: string
  gtin: string
  description: string
  /** Price in minor units of a currency with two decimals, of a piece or a kilogram. */
  priceMinor: number
  taxCategory: TaxCategory
  soldBy: 'piece' | 'weight'
  /** What promotions go by. */
  kind: string
  index: number
}

/** What the shop sells, its tax category, and whether it goes over the scales. */
const kinds: readonly [kind: string, taxCategory: TaxCategory, soldBy?: 'weight'][] = [
  ['Coffee', 'reduced'],
  ['Tea', 'reduced'],
  ['Bread', 'reduced'],
  ['Jam', 'reduced'],
  ['Apples', 'reduced', 'weight'],
  ['Cheese', 'reduced', 'weight'],
  ['Soap', 'standard'],
  ['Towel', 'standard'],
  ['Mug', 'standard'],
  ['Lamp', 'standard'],
  ['Socks', 'standard'],
  ['Shirt', 'standard'],
  ['Notebook', 'standard'],
  ['Pen', 'standard'],
  ['Candle', 'standard'],
  ['Basket', 'standard'],
  ['Novel', 'special'],
  ['Stamps', 'exempt'],
]
const makes = ['North', 'Harbour', 'Meadow', 'Copper', 'Linen', 'Cedar', 'Granite', 'Lantern'] as const

/** A small assortment, the same for all stores. GTINs are of the range for restricted circulation, with right check digits. */
export const assortment: readonly Item[] = makes.flatMap((make, row) =>
  kinds.map(([kind, taxCategory, soldBy], column): Item => {
    const index = row * kinds.length + column
    return {
      itemId: String(40_000 + index),
      gtin: gtinOf(index),
      description: `${make} ${kind}`,
      priceMinor: 99 + ((index * 7_919) % 4_900),
      taxCategory,
      soldBy: soldBy ?? 'piece',
      kind,
      index,
    }
  }),
)

const bestSellers = assortment.filter(({ index }) => index % 11 === 0)

export function pickItem(dice: Dice): Item {
  // A few items make most of the turnover.
  return dice.chance(0.5) ? dice.pick(bestSellers) : dice.pick(assortment)
}

const priceLists = new Map<string, readonly bigint[]>()

/** The price list of a store: the country's, dearer or cheaper by zone, in minor units by the index of the item. */
export function priceListOf({ rules, priceZonePercent }: StorePlan): readonly bigint[] {
  const name = `${rules.country}/${priceZonePercent}`
  let list = priceLists.get(name)
  if (!list) {
    const factor = rules.priceFactor * (1 + priceZonePercent / 100)
    list = assortment.map(({ priceMinor }) => BigInt(Math.max(1, Math.round(priceMinor * factor))))
    priceLists.set(name, list)
  }
  return list
}

function gtinOf(number: number): string {
  const body = `020${String(number).padStart(10, '0')}`
  for (let digit = 0; digit < 10; digit += 1) if (hasValidCheckDigit(`${body}${digit}`)) return `${body}${digit}`
  throw new RangeError('one of ten digits is the check digit')
}
