import { describe, expect, it } from 'vitest'
import type { GuardMutant } from './memory-guards.ts'
import { runOutage } from './outage.ts'

const outages = 3

describe('four workers at a target that asks for rest and then is dead for twenty minutes', () => {
  it(`send nothing but one probe in thirty seconds, and everything afterwards (${outages} schedules)`, async () => {
    for (let seed = 1; seed <= outages; seed += 1) {
      const broken = await runOutage(seed)
      if (broken.length > 0) expect.fail(`seed ${seed}: ${broken.join('; ')}`)
    }
  })

  const mutants: GuardMutant[] = ['everyone-probes', 'forget-hold', 'forget-permits']
  it.each(mutants)('are caught with the planted fault "%s"', async (mutant) => {
    for (let seed = 1; seed <= outages; seed += 1) if ((await runOutage(seed, mutant)).length > 0) return
    expect.fail(`no schedule of ${outages} noticed it`)
  })
})
