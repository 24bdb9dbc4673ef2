import { allocate } from '../../domain/money.ts'
import { daysBetween } from '../../domain/time.ts'
import { roundedQuotient } from './amounts.ts'
import { assortment } from './assortment.ts'
import type { BasketLine, Modifier } from './basket.ts'
import type { StorePlan } from './store-plan.ts'

/** What is on offer in a store in a week. */
export interface Promotions {
  /** So many percent off every piece of a kind. */
  percent: { promotionId: string; kind: string; percent: bigint }
  /** Every third piece of a kind is free. */
  thirdFree: { promotionId: string; kind: string }
  /** From this much on, so much off the whole basket. */
  threshold: { promotionId: string; fromMinor: bigint; offMinor: bigint }
  coupon: { promotionId: string; couponCode: string; fromMinor: bigint; offMinor: bigint }
}

const kinds = [...new Set(assortment.map(({ kind }) => kind))]
const kindAt = (index: number) => kinds[index % kinds.length] ?? ''

/** Offers change every week, and not in all price zones to the same. */
export function promotionsOf({ rules, priceZonePercent }: StorePlan, businessDayDate: string): Promotions {
  const week = Math.floor(daysBetween('2024-01-01', businessDayDate) / 7)
  const place = Math.abs(week * 5 + priceZonePercent)
  // A fifth of the usual note is what an offer is worth.
  const noteMinor = rules.noteMinor
  const name = (kind: string) => `${kind}-${rules.country}-W${Math.abs(week)}`
  return {
    percent: { promotionId: name('P20'), kind: kindAt(place), percent: 20n },
    thirdFree: { promotionId: name('3FOR2'), kind: kindAt(place + 3) },
    threshold: { promotionId: name('BASKET'), fromMinor: 8n * noteMinor, offMinor: noteMinor },
    coupon: {
      promotionId: name('COUPON'),
      couponCode: `CP${Math.abs(week)}`,
      fromMinor: 3n * noteMinor,
      offMinor: noteMinor / 2n,
    },
  }
}

/** What the shelf already says: a percentage, or every third piece free. */
export function shelfOffer({ percent, thirdFree }: Promotions, line: BasketLine): Modifier | undefined {
  const { kind, soldBy } = line.item
  if (kind === percent.kind) {
    return {
      minor: -roundedQuotient(line.extendedMinor * percent.percent, 100n),
      percent: `-${percent.percent}`,
      promotionId: percent.promotionId,
      method: 'PROMOTION',
      appliedTo: 'LINE',
    }
  }
  if (kind !== thirdFree.kind || soldBy === 'weight' || line.quantityMilli < 3_000n) return undefined
  const free = line.quantityMilli / 3_000n
  return {
    minor: -line.unitMinor * free,
    promotionId: thirdFree.promotionId,
    method: 'PROMOTION',
    appliedTo: 'LINE',
  }
}

/** Takes an amount off the whole basket, spread over its lines to the last minor unit. */
export function takeOff(basket: readonly BasketLine[], offMinor: bigint, modifier: Omit<Modifier, 'minor'>): void {
  const counting = basket.filter((line) => !line.voided && line.netMinor > 0n)
  const shares = allocate(
    offMinor,
    counting.map((line) => line.netMinor),
  )
  for (const [index, line] of counting.entries()) {
    const share = shares[index] ?? 0n
    if (share === 0n) continue
    line.modifiers.push({ ...modifier, minor: -share })
    line.netMinor -= share
  }
}
