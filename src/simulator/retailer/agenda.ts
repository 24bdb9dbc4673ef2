import type { TenderType } from '../../domain/transaction/codes.ts'
import type { BasketLine } from './basket.ts'
import type { GiftCard } from './gift-cards.ts'

/** A sale of which something comes back. */
export interface SoldReceipt {
  /** Named in full: the till may have begun another series of numbers since. */
  transactionKey: string | undefined
  businessUnitId: string
  workstationId: string
  series: string | undefined
  sequenceNumber: number
  businessDayDate: string
  paidAs: TenderType
}

/** Something that will happen at a till because of something that happened before. */
export type Errand = {
  /** When in the till's day, from 0 to 1. */
  at: number
  /** The receipt it comes from; with `at` it puts errands of one till in an order that does not depend on who was asked first. */
  origin: string
} & (
  | {
      kind: 'return'
      sold: SoldReceipt
      /** What comes back: each part of a sold line is on one errand only, so that never more comes back than was sold. */
      taken: BasketLine[]
      exchange: 'none' | 'even' | 'uneven'
      /** Account of the store's loyalty book whose points go back. */
      account: number | undefined
    }
  | { kind: 'gift-card'; card: GiftCard }
)

/**
 * What tills will do on later days, by till and day. Every errand is for one till on one day, and is made on an earlier day: the
 * tills of a day can run side by side, in any order, and still do the same.
 */
export class Agenda {
  readonly #errands = new Map<string, Errand[]>()

  add(businessUnitId: string, workstationId: string, businessDayDate: string, errand: Errand): void {
    const name = nameOf(businessUnitId, workstationId, businessDayDate)
    const known = this.#errands.get(name)
    if (known) known.push(errand)
    else this.#errands.set(name, [errand])
  }

  /** Takes a till's errands of a day, in their order. */
  take(businessUnitId: string, workstationId: string, businessDayDate: string): Errand[] {
    const name = nameOf(businessUnitId, workstationId, businessDayDate)
    const errands = this.#errands.get(name) ?? []
    this.#errands.delete(name)
    return errands.sort(compareErrands)
  }
}

export function compareErrands(left: Errand, right: Errand): number {
  return left.at - right.at || (left.origin < right.origin ? -1 : left.origin > right.origin ? 1 : 0)
}

function nameOf(...parts: readonly string[]): string {
  return parts.join('/')
}
