import { type EventClass, eventClasses } from '../../journal/event-traits.ts'

/** How many turns a class has while all of them wait. None is zero: a class that waits for ever is lost. */
export const classWeights: Readonly<Record<EventClass, number>> = { sales: 16, privacy: 4, stock: 4, catalogue: 1 }

/** Whose turn it is, smoothly by weight: a class that had to wait comes nearer to its turn each time. */
export class ClassTurns {
  readonly #credit = new Map<EventClass, number>()

  /** One of `waiting`, which must not be empty. Equal credit goes by the order of the classes. */
  next(waiting: ReadonlySet<EventClass>): EventClass | undefined {
    const candidates = eventClasses.filter((one) => waiting.has(one))
    let sum = 0
    for (const one of candidates) {
      sum += classWeights[one]
      this.#credit.set(one, (this.#credit.get(one) ?? 0) + classWeights[one])
    }
    const [first, ...others] = candidates
    if (!first) return undefined
    const chosen = others.reduce((best, one) => (this.#creditOf(one) > this.#creditOf(best) ? one : best), first)
    this.#credit.set(chosen, this.#creditOf(chosen) - sum)
    return chosen
  }

  #creditOf(one: EventClass): number {
    return this.#credit.get(one) ?? 0
  }
}
