import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { startMachineTime } from './machine-time.ts'

/** Takes six tenths of a second of a processor, however long it waits for it. */
const beBusy = ['-e', 'for (;;) { const { user, system } = process.cpuUsage(); if (user + system > 600_000) break }']

describe('the time for which work has the machine', () => {
  it('is nearly all that passed without other programs, waits included', async () => {
    const seconds = startMachineTime([process.pid])
    const startedAt = performance.now()
    await once(spawn(process.execPath, beBusy), 'exit')
    const passed = (performance.now() - startedAt) / 1_000
    // The machine of this test may have other work: it can only be less.
    expect(seconds()).toBeLessThanOrEqual(passed + 0.05)
  })

  it('is less by what programs took that are not its own', async () => {
    const own = startMachineTime([process.pid])
    const nobodys = startMachineTime([])
    await once(spawn(process.execPath, beBusy), 'exit')
    const [mine, all] = [own(), nobodys()]
    expect(all).toBeLessThan(mine - 0.1)
  })
})
