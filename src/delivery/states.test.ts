import { describe, expect, it } from 'vitest'
import type { Outcome } from '../contract/connector.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { retryAfterMaxMs } from './backoff.ts'
import { decide, decideExpiredClaim } from './decide.ts'
import { judgeDependencies, type OriginalState } from './dependencies.ts'
import { screen } from './screen.ts'
import { holdsLane } from './transition.ts'

const policy = { attemptsMax: 3, backoffBaseMs: 100, backoffMaxMs: 1_000, waitDeadlineMs: 5_000 }
const random = { next: () => 0.5 }
const idempotent = { idempotent: true, lookUp: false }
const lookUp = { idempotent: false, lookUp: true }
const neither = { idempotent: false, lookUp: false }

describe('after an attempt', () => {
  const retry: Outcome = { kind: 'retry', reason: '503' }
  const unknown: Outcome = { kind: 'unknown', reason: 'no answer' }
  const delivered: Outcome = { kind: 'delivered', documents: [] }
  const rows: [string, Outcome, typeof idempotent, number, object][] = [
    ['delivered', delivered, neither, 3, { state: 'delivered' }],
    ['skipped', { kind: 'skipped', reason: 'filter' }, neither, 1, { state: 'skipped', reason: 'filter' }],
    ['rejected', { kind: 'rejected', reason: '422' }, idempotent, 1, { state: 'parked', reasonCode: 'rejected' }],
    ['retry with attempts left', retry, idempotent, 2, { state: 'retry', delayMs: 150 }],
    ['retry without', retry, idempotent, 3, { state: 'parked', reasonCode: 'attempts-exhausted' }],
    ['retry, throttled', { ...retry, throttled: true }, neither, 99, { state: 'retry', delayMs: 0 }],
    ['gone', { kind: 'gone', reason: '410' }, neither, 99, { state: 'retry', delayMs: 0 }],
    ['waits with attempts left', { kind: 'waits', for: 'item' }, idempotent, 1, { state: 'retry', delayMs: 75 }],
    [
      'waits without',
      { kind: 'waits', for: 'item' },
      idempotent,
      3,
      { state: 'parked', reasonCode: 'attempts-exhausted' },
    ],
    ['unknown, idempotent, attempts left', unknown, idempotent, 1, { state: 'retry' }],
    ['unknown, idempotent, none left', unknown, idempotent, 3, { state: 'parked', reasonCode: 'attempts-exhausted' }],
    ['unknown, look-up, attempts left', unknown, lookUp, 1, { state: 'unknown' }],
    ['unknown, look-up, none left', unknown, lookUp, 3, { state: 'needs-check', reasonCode: 'outcome-unknown' }],
    ['unknown, neither', unknown, neither, 1, { state: 'needs-check', reasonCode: 'outcome-unknown' }],
  ]
  it.each(rows)('%s', (_name, outcome, features, attempts, expected) => {
    expect(decide({ outcome, features, attempts, policy, random })).toMatchObject(expected)
  })

  it('waits at least as long as the target asked, but never longer than a day', () => {
    const asked = (afterMs: number) =>
      decide({ outcome: { ...retry, afterMs }, features: idempotent, attempts: 1, policy, random })
    expect(asked(10_000)).toMatchObject({ delayMs: 10_000 })
    expect(asked(1e12)).toMatchObject({ delayMs: retryAfterMaxMs })
    expect(asked(-5)).toMatchObject({ delayMs: 75 })
  })

  it('spreads retries over the upper half of a growing, bounded interval', () => {
    const delays = [0, 0.999].map((dice) =>
      decide({ outcome: retry, features: idempotent, attempts: 2, policy, random: { next: () => dice } }),
    )
    expect(delays).toMatchObject([{ delayMs: 100 }, { delayMs: 200 }])
    const late = decide({
      outcome: retry,
      features: idempotent,
      attempts: 40,
      policy: { ...policy, attemptsMax: 99 },
      random,
    })
    expect(late).toMatchObject({ delayMs: 750 })
  })
})

describe('a claim whose lease ended', () => {
  it.each([
    ['idempotent', idempotent, 'resend'],
    ['look-up only', lookUp, 'look-up'],
    ['neither', neither, 'needs-check'],
  ] as const)('%s', (_name, features, expected) => {
    expect(decideExpiredClaim(features)).toBe(expected)
  })
})

describe('before an attempt', () => {
  const judge = (state: OriginalState, deadlinePassed: boolean, whenOriginalMissing: 'park' | 'deliver' = 'park') =>
    judgeDependencies({
      dependsOn: ['original'],
      stateOf: () => state,
      deadlinePassed,
      policy: { waitDeadlineMs: 5_000, whenOriginalMissing },
    })

  it('sends what refers to a settled original, or to none', () => {
    expect(judge('settled', false)).toBeUndefined()
    expect(
      judgeDependencies({
        dependsOn: [],
        stateOf: () => 'absent',
        deadlinePassed: false,
        policy: { waitDeadlineMs: 1, whenOriginalMissing: 'park' },
      }),
    ).toBeUndefined()
  })
  it('parks the dependents of what is parked', () => {
    expect(judge('parked', false)).toMatchObject({
      state: 'parked',
      reasonCode: 'original-parked',
      waitsFor: 'original',
    })
  })
  it.each(['open', 'absent'] as const)('waits while the original is %s', (state) => {
    expect(judge(state, false)).toMatchObject({ state: 'waiting', waitsFor: 'original', deadlineMs: 5_000 })
  })
  it.each(['open', 'absent'] as const)(
    'after the deadline parks, or sends where the target wants it so (%s)',
    (state) => {
      expect(judge(state, true)).toMatchObject({ state: 'parked', reasonCode: 'original-missing' })
      expect(judge(state, true, 'deliver')).toBeUndefined()
    },
  )

  const sale = { transactionType: 'SALE', status: 'COMPLETED', lines: [] } as unknown as Transaction
  const noSale = { ...sale, transactionType: 'NO_SALE' } as Transaction
  it('skips what is not postable, unless the target asked for its type', () => {
    expect(screen(noSale, [], { holdFindings: 'none' })).toMatchObject({ state: 'skipped' })
    expect(screen(noSale, [], { holdFindings: 'none', transactionTypes: ['NO_SALE'] })).toBeUndefined()
    expect(screen(sale, [], { holdFindings: 'none', transactionTypes: ['NO_SALE'] })).toMatchObject({
      state: 'skipped',
    })
    expect(screen(sale, [], { holdFindings: 'none' })).toBeUndefined()
  })
  it('holds receipts with error findings only where the target says so', () => {
    const findings = [{ check: 'INV-05', severity: 'error', message: 'does not balance' }] as const
    expect(screen(sale, findings, { holdFindings: 'error' })).toMatchObject({
      state: 'parked',
      reasonCode: 'held-by-finding',
    })
    expect(screen(sale, findings, { holdFindings: 'none' })).toBeUndefined()
  })
})

describe('the lane', () => {
  it.each(['sending', 'retry', 'unknown', 'queued'] as const)('stops behind %s', (state) => {
    expect(holdsLane({ state, delayMs: 1, reason: '' } as never, false)).toBe(true)
  })
  it.each(['waiting', 'parked', 'needs-check'] as const)('goes on past %s, unless the target is strict', (state) => {
    expect(holdsLane({ state } as never, false)).toBe(false)
    expect(holdsLane({ state } as never, true)).toBe(true)
  })
  it.each(['delivered', 'skipped'] as const)('goes on after %s', (state) => {
    expect(holdsLane({ state } as never, true)).toBe(false)
  })
})
