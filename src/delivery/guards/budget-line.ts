import type { Clock } from '../../contract/clock.ts'
import { budgetOf, type RateLimit } from './budget.ts'
import type { GuardStore } from './guard-store.ts'
import { TokenSlice } from './token-slice.ts'

export interface BudgetLineOptions {
  targetId: number
  rate: RateLimit
  policy: { cycleMaxMs: number }
  store: Pick<GuardStore, 'draw'>
  clock: Clock
  /** Asked while an attempt waits: whether it must not begin any more. */
  giveUp(): boolean
  onRateWait?: ((waitedMs: number) => void) | undefined
}

/** Where the attempts of one worker wait for the target's rate budget. */
export interface BudgetLine {
  /** Resolves when the attempt may begin, with the time until which it must; undefined: it would wait for longer than a cycle may last. */
  takeToken(): Promise<number | undefined>
  /** Requests that an attempt made besides its first: they are paid for with the next slice. */
  owe(requestsCount: number): void
  /** So long there is no token for sure. */
  dryMs(): number
}

/** One question for all who wait: the shared budget is asked once per slice, not once per request. */
export function openBudgetLine(options: BudgetLineOptions): BudgetLine {
  const { targetId, store, clock } = options
  const budget = budgetOf(options.rate)
  const slice = new TokenSlice()
  let waiting = 0
  let debt = 0
  let dryUntil = 0
  let drawing: Promise<void> | undefined

  const draw = async () => {
    const owed = debt
    const askedAt = clock.now()
    const tokens = Math.min(waiting, budget.sliceTokensMax)
    const { granted, waitMs } = await store.draw(targetId, { budget, tokens, debt: owed })
    debt -= owed
    if (granted > 0) slice.fill(granted, askedAt + budget.sliceMs)
    else dryUntil = clock.now() + Math.max(1, waitMs)
  }
  const takeToken = async () => {
    const startedAt = clock.now()
    const giveUpAt = startedAt + options.policy.cycleMaxMs
    waiting += 1
    try {
      for (;;) {
        if (options.giveUp()) return undefined
        const usableUntil = slice.take(clock.now())
        if (usableUntil !== undefined) {
          const waitedMs = clock.now() - startedAt
          if (waitedMs > 0) options.onRateWait?.(waitedMs)
          return usableUntil
        }
        if (dryUntil > giveUpAt || clock.now() > giveUpAt) return undefined
        if (dryUntil > clock.now()) await clock.sleep(dryUntil - clock.now())
        else {
          drawing ??= draw().finally(() => {
            drawing = undefined
          })
          await drawing
        }
      }
    } finally {
      waiting -= 1
    }
  }
  return {
    takeToken,
    owe: (requestsCount) => {
      debt += requestsCount
    },
    dryMs: () => Math.max(0, dryUntil - clock.now()),
  }
}
