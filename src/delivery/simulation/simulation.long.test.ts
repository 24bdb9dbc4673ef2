import { describe, expect, it } from 'vitest'
import { type Mutant, runSchedule } from './schedule.ts'

const schedules = 2_000

describe('delivery under random schedules of crashes, sleeps, lost answers and refusals', () => {
  it(`keeps every promise in ${schedules} schedules`, { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= schedules; seed += 1) {
      const broken = await runSchedule(seed)
      if (broken.length > 0) expect.fail(`seed ${seed}: ${broken.join('; ')}`)
    }
  })

  const mutants: Mutant[] = [
    'ignore-fence',
    'two-owners',
    'forget-queued',
    'forget-pause',
    'late-pause',
    'forget-drawn',
    'blind-resend',
    'blind-steps',
    'retry-does-not-hold',
    'trust-the-bus',
  ]
  it.each(mutants)('finds the planted fault "%s"', { timeout: 60_000 }, async (mutant) => {
    for (let seed = 1; seed <= schedules; seed += 1) {
      if ((await runSchedule(seed, mutant)).length > 0) return
    }
    expect.fail(`no schedule of ${schedules} noticed it`)
  })
})
