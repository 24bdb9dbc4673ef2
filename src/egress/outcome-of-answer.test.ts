import { describe, expect, it } from 'vitest'
import { Problem } from '../contract/problem.ts'
import { TransportFailure } from '../contract/transport-failure.ts'
import { outcomeOfFailure, outcomeOfStatus } from './outcome-of-answer.ts'
import { readRetryAfterMs } from './retry-after.ts'

const nowMs = Date.parse('2026-03-02T10:00:00Z')
const kindOf = (status: number, idempotent: boolean) =>
  outcomeOfStatus({ status, headers: {}, body: '' }, { nowMs, idempotent })?.kind

describe('what a status means', () => {
  it.each([
    [200, undefined, undefined],
    [204, undefined, undefined],
    [301, 'retry', 'retry'],
    [302, 'retry', 'retry'],
    [400, 'rejected', 'rejected'],
    [401, 'retry', 'retry'],
    [403, 'retry', 'retry'],
    [404, 'rejected', 'rejected'],
    [408, 'retry', 'retry'],
    [409, 'rejected', 'rejected'],
    [410, 'gone', 'gone'],
    [422, 'rejected', 'rejected'],
    [425, 'retry', 'retry'],
    [429, 'retry', 'retry'],
    [500, 'retry', 'unknown'],
    [502, 'retry', 'unknown'],
    [503, 'retry', 'retry'],
    [504, 'retry', 'unknown'],
  ])('%d is %s at a target with idempotency and %s without', (status, withKeys, without) => {
    expect([kindOf(status, true), kindOf(status, false)]).toEqual([withKeys, without])
  })
})

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Mon, 02 Mar 2026 10:01:00 GMT', 60_000],
    ['Monday, 02-Mar-26 10:01:00 GMT', 60_000],
    ['Mon, 02 Mar 2026 09:00:00 GMT', 0],
    ['Mon, 02 Mar 2099 09:00:00 GMT', 86_400_000],
    ['1000000000', 86_400_000],
    ['9'.repeat(400), 86_400_000],
    ['-5', undefined],
    ['1e9', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s is %s milliseconds', (header, expected) => {
    expect(readRetryAfterMs(header, nowMs)).toBe(expected)
  })
})

describe('what a call without an answer means', () => {
  it.each([
    [new TransportFailure('before-sending', 'ECONNREFUSED'), 'retry'],
    [new TransportFailure('after-sending', 'ECONNRESET'), 'unknown'],
    [new Problem('target-not-allowed'), 'retry'],
    [new Problem('target-answer-too-large'), 'unknown'],
    [new Error('anything'), 'unknown'],
  ])('%s is %s', (error, kind) => {
    expect(outcomeOfFailure(error).kind).toBe(kind)
  })
})
