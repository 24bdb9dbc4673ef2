import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { longOutage } from './invariants/i11-long-outage.ts'
import type { Invariant } from './invariants/invariant.ts'
import { judgeInLanes, openLane } from './open-lane.ts'

it('a lane says of an invariant whose process ended that nothing is proved, and judges the next one', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-faults-test-'))
  const lane = openLane({ profile: 'quick', seed: 1, directory })
  const fail = () => Promise.reject(new Error('this process judges nothing'))
  // The process knows no such invariant.
  const unknown: Invariant = { id: 'I99', promise: 'p', controlBreaks: ['lost'], run: fail, control: fail }
  const verdicts = await judgeInLanes([unknown, longOutage], 'quick', [lane])
  await lane.stop()
  await rm(directory, { recursive: true, force: true })
  expect(verdicts).toMatchObject([
    { id: 'I99', runs: 0, kept: false, negativeControlCaught: false },
    { id: 'I11', kept: true, negativeControlCaught: true },
  ])
})
