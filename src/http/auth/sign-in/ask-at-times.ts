import type { Clock } from '../../../contract/clock.ts'

/** How often somebody is asked. */
export interface Times {
  /** An answer is asked for again after so long. */
  ageMaxMs: number
  /** After a failure nobody asks for so long: who does not answer now has something better to do, and those who wait are told at once. */
  pauseMs: number
  clock: Clock
}

/**
 * Asks once for all who want to know at the same time, and keeps the answer for a while. Where asking again fails, the last answer stays
 * good; where there is none, throws what asking threw.
 */
export function askAtTimes<Answer>(
  ask: (whom: string) => Promise<Answer>,
  { ageMaxMs, pauseMs, clock }: Times,
): (whom: string) => Promise<Answer> {
  let known: { whom: string; answer: Answer; atMs: number } | undefined
  let failed: { whom: string; error: unknown; atMs: number } | undefined
  let underWay: { whom: string; answer: Promise<Answer> } | undefined
  const askNow = async (whom: string): Promise<Answer> => {
    try {
      const answer = await ask(whom)
      known = { whom, answer, atMs: clock.now() }
      failed = undefined
      return answer
    } catch (error) {
      failed = { whom, error, atMs: clock.now() }
      throw error
    } finally {
      underWay = undefined
    }
  }
  const askOnce = (whom: string): Promise<Answer> => {
    if (underWay?.whom !== whom) underWay = { whom, answer: askNow(whom) }
    return underWay.answer
  }
  return async (whom) => {
    const last = known?.whom === whom ? known : undefined
    if (last && clock.now() - last.atMs < ageMaxMs) return last.answer
    try {
      if (failed?.whom === whom && clock.now() - failed.atMs < pauseMs) throw failed.error
      return await askOnce(whom)
    } catch (error) {
      if (last) return last.answer
      throw error
    }
  }
}
