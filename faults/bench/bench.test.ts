import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bench, withBench } from './bench.ts'
import { Program } from './program.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-bench-test-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const options = () => ({
  profile: 'quick' as const,
  seed: 1,
  name: 'I99 run',
  directory,
  sharedServer: () => Promise.reject(new Error('not here')),
  say: () => {},
})

describe('a bench', () => {
  it('stops what was started, the last first, whatever fails', async () => {
    const stopped: string[] = []
    await withBench(options(), async (bench) => {
      bench.defer(() => stopped.push('first'))
      bench.defer(() => Promise.reject(new Error('cannot be stopped')))
      bench.defer(() => stopped.push('last'))
    })
    expect(stopped).toEqual(['last', 'first'])
  })

  it('stops at once what work starts that goes on after its time, and starts no program any more', async () => {
    let late: Bench | undefined
    let early: Program | undefined
    const work = withBench(options(), async (bench) => {
      late = bench
      early = new Program(bench, { name: 'early', args: ['--version'], readyAtOnce: true })
      throw new Error('it took too long')
    })
    await expect(work).rejects.toThrow('it took too long')
    if (!late || !early) throw new Error('the bench did no work')
    let stopped = 0
    late.defer(() => {
      stopped += 1
    })
    expect(stopped).toBe(1)
    await expect(early.start()).rejects.toThrow('over')
    const program = new Program(late, { name: 'late', args: ['--version'], readyAtOnce: true })
    await expect(program.start()).rejects.toThrow('over')
  })
})
