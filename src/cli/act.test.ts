import { afterEach, describe, expect, it, vi } from 'vitest'
import { Problem, type ProblemCode } from '../contract/problem.ts'
import { act } from './act.ts'

const exitCodeBefore = process.exitCode

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = exitCodeBefore
})

async function run(work: () => Promise<number | undefined>, flags: object = {}) {
  let told = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    told += String(text)
    return true
  })
  await act(work)(...([flags] as unknown as []))
  return { told, exitCode: process.exitCode }
}

describe('what a command says', () => {
  it.each<[ProblemCode, number]>([
    ['settings-invalid', 2],
    ['hub-not-running', 3],
    ['not-found', 3],
    ['unauthorized', 4],
    ['scope-store', 4],
    ['transaction-conflict', 5],
    ['database-unsafe', 1],
  ])('of %s is the exit code %i', async (code, exitCode) => {
    expect((await run(() => Promise.reject(new Problem(code)))).exitCode).toBe(exitCode)
  })

  it('is nothing when all went well', async () => {
    expect(await run(async () => undefined)).toEqual({ told: '', exitCode: 0 })
    expect(await run(async () => 6)).toEqual({ told: '', exitCode: 6 })
  })

  it('of a problem is what, why and what next', async () => {
    const { told } = await run(() => Promise.reject(new Problem('hub-not-running', 'Nothing in data.')))
    expect(told).toBe(
      'error: No hub runs here. (hub-not-running)\n  why:  Nothing in data.\n  next: Start one with tillflow start, or set databaseUrl.\n',
    )
  })

  it('with --json is a problem object', async () => {
    const { told } = await run(() => Promise.reject(new Problem('not-found', 'No receipt.')), { json: true })
    expect(JSON.parse(told)).toMatchObject({ code: 'not-found', status: 404, detail: 'No receipt.' })
  })

  it('of an error without a code is its message', async () => {
    expect(await run(() => Promise.reject(new Error('disk full')))).toEqual({ told: 'error: disk full\n', exitCode: 1 })
  })
})
