import type { ModifierMethod } from '../../domain/transaction/codes.ts'
import { roundedQuotient } from './amounts.ts'
import { type Item, pickItem, priceListOf } from './assortment.ts'
import type { Dice } from './dice.ts'
import { type Promotions, shelfOffer, takeOff } from './promotions.ts'
import type { StorePlan } from './store-plan.ts'

/** A change of price in minor units, below zero for a reduction. */
export interface Modifier {
  minor: bigint
  percent?: string
  promotionId?: string
  couponCode?: string
  method: ModifierMethod
  appliedTo: 'LINE' | 'TRANSACTION_PRORATED'
}

/** One line of a basket, before it is a receipt. Below zero: taken back. */
export interface BasketLine {
  item: Item
  unitMinor: bigint
  /** Thousandths of a piece or of a kilogram. */
  quantityMilli: bigint
  extendedMinor: bigint
  modifiers: Modifier[]
  /** Extended amount plus modifiers. */
  netMinor: bigint
  voided: boolean
  /** Bought by somebody who pays no tax. */
  exempt: boolean
  /** Line of the original that this takes back. */
  originalLine?: number
}

/** Where and when something is sold. */
export interface Counter {
  plan: StorePlan
  promotions: Promotions
  dice: Dice
}

/** Most baskets are small, a few are a week's shopping, one in some hundreds is a school's. */
function lineCount(dice: Dice): number {
  if (dice.chance(0.003)) return dice.between(40, 200)
  return dice.longTail(2.2, 40)
}

/** What a shopper puts on the belt, with the offers of the shelf and of the basket taken off. */
export function fillBasket(counter: Counter, mostLines = 200): BasketLine[] {
  const { plan, promotions, dice } = counter
  const exempt = !plan.rules.taxIncluded && dice.chance(0.01)
  const count = Math.min(mostLines, lineCount(dice))
  const basket: BasketLine[] = []
  for (let index = 0; index < count; index += 1) basket.push(takeFromShelf(counter, exempt))
  // A basket of nothing but voided lines is a cancelled one.
  const [first] = basket
  if (first) first.voided = false
  const totalMinor = netOf(basket)
  const { threshold, coupon } = promotions
  const whole = { appliedTo: 'TRANSACTION_PRORATED' } as const
  if (totalMinor >= threshold.fromMinor) {
    takeOff(basket, threshold.offMinor, { ...whole, promotionId: threshold.promotionId, method: 'PROMOTION' })
  } else if (totalMinor >= coupon.fromMinor && dice.chance(0.06)) {
    const { promotionId, couponCode } = coupon
    takeOff(basket, coupon.offMinor, { ...whole, promotionId, couponCode, method: 'COUPON' })
  }
  return basket
}

export function netOf(basket: readonly BasketLine[]): bigint {
  let sum = 0n
  for (const line of basket) if (!line.voided) sum += line.netMinor
  return sum
}

function takeFromShelf({ plan, promotions, dice }: Counter, exempt: boolean): BasketLine {
  const item = pickItem(dice)
  const unitMinor = priceListOf(plan)[item.index] ?? 1n
  const pieces = dice.chance(0.8) ? 1 : dice.between(2, 6)
  const quantityMilli = item.soldBy === 'weight' ? BigInt(dice.between(80, 2_400)) : BigInt(pieces) * 1_000n
  const extendedMinor = roundedQuotient(unitMinor * quantityMilli, 1_000n)
  const line: BasketLine = {
    item,
    unitMinor,
    quantityMilli,
    extendedMinor,
    modifiers: [],
    netMinor: extendedMinor,
    voided: dice.chance(0.02),
    exempt,
  }
  const offer = shelfOffer(promotions, line) ?? overridden(dice, line)
  if (offer && offer.minor !== 0n) {
    line.modifiers.push(offer)
    line.netMinor += offer.minor
  }
  return line
}

/** A scratched box: somebody with a key takes a quarter off. */
function overridden(dice: Dice, line: BasketLine): Modifier | undefined {
  if (!dice.chance(0.004)) return undefined
  return { minor: -(line.extendedMinor / 4n), method: 'PRICE_OVERRIDE', appliedTo: 'LINE' }
}

/**
 * Part of a sold line on its way back. What the modifiers gave is taken back in proportion, rounded over the running quantity, so
 * that all parts together take back what was given and never more.
 */
export function takeBackPart(line: BasketLine, lineNumber: number, fromMilli: bigint, milli: bigint): BasketLine {
  const share = (minor: bigint) => {
    const upTo = (quantity: bigint) => roundedQuotient(minor * quantity, line.quantityMilli)
    return -(upTo(fromMilli + milli) - upTo(fromMilli))
  }
  const extendedMinor = share(line.extendedMinor)
  const modifiers = line.modifiers.map((one) => ({ ...one, minor: share(one.minor) })).filter((one) => one.minor !== 0n)
  return {
    ...line,
    quantityMilli: -milli,
    extendedMinor,
    modifiers,
    netMinor: modifiers.reduce((sum, one) => sum + one.minor, extendedMinor),
    originalLine: lineNumber,
  }
}

/** The same goods once more, at the same price: what an even exchange hands out. */
export function sameAgain(taken: BasketLine): BasketLine {
  const { originalLine: _, ...line } = taken
  return {
    ...line,
    quantityMilli: -taken.quantityMilli,
    extendedMinor: -taken.extendedMinor,
    modifiers: taken.modifiers.map((one) => ({ ...one, minor: -one.minor })),
    netMinor: -taken.netMinor,
  }
}
