import { describe, expect, it } from 'vitest'
import type { IntakeMutant } from './memory-store.ts'
import { runIntakeSchedule } from './schedule.ts'

const schedules = 2_000

describe('intake under random schedules of doubles, conflicts, crashes and stalls', () => {
  it(`keeps every promise in ${schedules} schedules`, { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= schedules; seed += 1) {
      const broken = await runIntakeSchedule(seed)
      if (broken.length > 0) expect.fail(`seed ${seed}: ${broken.join('; ')}`)
    }
  })

  const mutants: IntakeMutant[] = ['check-then-insert', 'overwrite', 'answer-before-commit']
  it.each(mutants)('finds the planted fault "%s"', { timeout: 60_000 }, async (mutant) => {
    for (let seed = 1; seed <= schedules; seed += 1) {
      if ((await runIntakeSchedule(seed, mutant)).length > 0) return
    }
    expect.fail(`no schedule of ${schedules} noticed it`)
  })
})
