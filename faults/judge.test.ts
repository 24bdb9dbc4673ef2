import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Figure, makeFigure } from './bench/figure.ts'
import { invariants } from './invariants/index.ts'
import type { Invariant } from './invariants/invariant.ts'
import { attempt, judge } from './judge.ts'
import { judgeInLanes, type Lane } from './open-lane.ts'
import { readOptions } from './options.ts'
import { formatTable, isGood } from './report.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-faults-test-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const kept = makeFigure({ runs: 3, text: 'three', broken: { lost: false } })
const broken = makeFigure({ runs: 3, text: 'three', broken: { lost: true } })
const blind = makeFigure({ runs: 3, text: 'three', broken: { lost: false }, blind: { 'nobody was killed': true } })

const brokenAndBlind = { ...broken, blind: ['nobody was killed'] }
const brokenByAnother = makeFigure({ runs: 3, text: 'three', broken: { lost: false, 'too late': true } })

const judgeOf = (run: () => Promise<Figure>, control: () => Promise<Figure>) => {
  const invariant: Invariant = { id: 'I99', promise: 'p', controlBreaks: ['lost'], run, control }
  const sharedServer = () => Promise.reject(new Error('not here'))
  const surroundings = { profile: 'quick' as const, seed: 1, directory, sharedServer, say: () => {} }
  return Promise.all([attempt(invariant, 'run', surroundings), attempt(invariant, 'control', surroundings)]).then(
    ([made, controlled]) => judge(invariant, 'quick', { run: made, control: controlled }),
  )
}
const give = (figure: Figure) => async () => figure
const fail = () => Promise.reject(new Error('no database'))

describe('a verdict', () => {
  it.each<[string, () => Promise<Figure>, () => Promise<Figure>, boolean, boolean]>([
    ['kept and its control broken', give(kept), give(broken), true, true],
    ['broken', give(broken), give(broken), false, true],
    ['blind: no fault struck', give(blind), give(broken), false, true],
    ['kept, and its control too: the bench sees nothing', give(kept), give(kept), true, false],
    ['kept, and its control only blind', give(kept), give(blind), true, false],
    ['kept, and its control broken but blind', give(kept), give(brokenAndBlind), true, false],
    ['kept, and its control broken by another line', give(kept), give(brokenByAnother), true, false],
    ['a bench that fails', fail, give(broken), false, true],
    ['a control whose bench fails', give(kept), fail, true, false],
  ])('%s', async (_, run, control, isKept, isCaught) => {
    const verdict = await judgeOf(run, control)
    expect(verdict).toMatchObject({ kept: isKept, negativeControlCaught: isCaught })
    const report = { profile: 'quick' as const, seed: 1, invariants: [verdict] }
    expect(isGood(report)).toBe(isKept && isCaught)
    expect(formatTable(report).includes('BROKEN')).toBe(!isKept)
    expect(formatTable(report).includes('CONTROL MISSED')).toBe(!isCaught)
  })
})

describe('the lanes', () => {
  const invariant = (id: Invariant['id'], alone?: true): Invariant => ({
    id,
    promise: 'p',
    controlBreaks: ['lost'],
    ...(alone && { alone }),
    run: give(kept),
    control: give(broken),
  })

  it('begin with what waits, keep the order, and leave the machine to those that must be alone', async () => {
    const all = [
      invariant('I1'),
      invariant('I2', true),
      invariant('I3'),
      { ...invariant('I4'), waitsLong: true as const },
    ]
    const begun: string[] = []
    let going = 0
    const crowds = new Map<string, number>()
    const lane = (): Lane => ({
      attempt: async ({ id }, half) => {
        begun.push(`${id} ${half}`)
        going += 1
        await new Promise((resolve) => setTimeout(resolve, 5))
        crowds.set(id, going)
        going -= 1
        return { figure: half === 'run' ? kept : broken, seconds: 1 }
      },
      stop: async () => {},
    })
    const verdicts = await judgeInLanes(all, 'quick', [lane(), lane()])
    expect(verdicts.map(({ id }) => id)).toEqual(['I1', 'I2', 'I3', 'I4'])
    expect(isGood({ profile: 'quick', seed: 1, invariants: verdicts })).toBe(true)
    expect(begun.slice(0, 2)).toEqual(['I4 run', 'I4 control'])
    expect(begun.slice(-2)).toEqual(['I2 run', 'I2 control'])
    expect(crowds.get('I1')).toBe(2)
    expect(crowds.get('I2')).toBe(1)
  })
})

describe('the options', () => {
  it('take one invariant or several, a profile and a seed', () => {
    const options = readOptions(['--only', 'i8,I9', '--only', 'I1', '--profile', 'nightly', '--seed', '7'], invariants)
    expect(options?.chosen.map(({ id }) => id)).toEqual(['I1', 'I8', 'I9'])
    expect(options).toMatchObject({ profile: 'nightly', seed: 7, json: false })
    expect(readOptions(['--profile', 'nightly'], invariants)?.chosen).toHaveLength(invariants.length)
    const quick = readOptions([], invariants)?.chosen.map(({ id }) => id)
    expect(invariants.filter(({ id }) => !quick?.includes(id)).map(({ id }) => id)).toEqual(['I15'])
    expect(readOptions(['--only', 'I15'], invariants)?.chosen.map(({ id }) => id)).toEqual(['I15'])
  })

  it.each([['--only', 'I99'], ['--profile', 'slow'], ['--seed', '-1'], ['--seed', 'x'], ['--what']])(
    'refuse %s %s',
    (...args) => {
      expect(readOptions(args, invariants)).toBeUndefined()
    },
  )
})

describe('the invariants', () => {
  it('are explained, each with the promise that it attacks', async () => {
    const text = await readFile(join(import.meta.dirname, '../docs/how-to/run-the-fault-bench.md'), 'utf8')
    for (const { id, promise } of invariants) expect(text).toMatch(new RegExp(`\\| ${id} +\\| ${promise}`))
  })

  it('have a number and a promise of their own, in order', () => {
    const numbers = invariants.map(({ id }) => Number(id.slice(1)))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(new Set(invariants.map(({ promise }) => promise)).size).toBe(invariants.length)
  })
})
