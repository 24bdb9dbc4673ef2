import type { Transaction } from '../../domain/transaction/transaction.ts'
import type { StorePlan } from '../retailer/store-plan.ts'
import { Figures } from './figures.ts'
import type { Planted, StoreDayTruth } from './shape.ts'

type Part = 'sold' | 'withheld' | 'poisoned' | 'leftOut'

/** What is known of one store's day while its tills still trade. */
export class StoreDay {
  readonly #plan: StorePlan
  readonly #businessDayDate: string
  readonly #parts: Partial<Record<Part, Figures>>
  readonly #planted: Planted[] = []

  constructor(plan: StorePlan, businessDayDate: string) {
    this.#plan = plan
    this.#businessDayDate = businessDayDate
    this.#parts = { sold: new Figures(plan.profile.currency) }
  }

  /** Whether it was a receipt for the books. */
  add(part: Part, transaction: Transaction): boolean {
    let figures = this.#parts[part]
    if (!figures) {
      figures = new Figures(this.#plan.profile.currency)
      this.#parts[part] = figures
    }
    return figures.add(transaction)
  }

  plant(planted: Planted): void {
    this.#planted.push(planted)
  }

  /** In an order of its own: tills that ran side by side planted as it came. */
  close(): StoreDayTruth {
    const { sold, withheld, poisoned, leftOut } = this.#parts
    const { businessUnitId, currency } = this.#plan.profile
    return {
      businessUnitId,
      businessDayDate: this.#businessDayDate,
      currency,
      sold: (sold ?? new Figures(currency)).toJson(),
      ...(withheld && { withheld: withheld.toJson() }),
      ...(poisoned && { poisoned: poisoned.toJson() }),
      ...(leftOut && { leftOut: leftOut.toJson() }),
      planted: this.#planted.sort(comparePlanted),
    }
  }
}

function comparePlanted(left: Planted, right: Planted): number {
  const [one, other] = [nameOf(left), nameOf(right)]
  return one < other ? -1 : one > other ? 1 : 0
}

function nameOf({ workstationId, fault, transactionKeys }: Planted): string {
  // A number of another length is another length of text: pad it, so that 9 comes before 10.
  const key = (transactionKeys[0] ?? '').replace(/\d+/g, (digits) => digits.padStart(9, '0'))
  return `${workstationId.padStart(9, '0')} ${fault} ${key}`
}
