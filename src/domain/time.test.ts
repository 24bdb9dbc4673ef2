import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { businessDayOf, daysBetween, isCalendarDate, isTimeZone, resolveTimestamp } from './time.ts'
import { zones } from './time-zones-of-tests.ts'

const localTimes = fc
  .record({
    year: fc.integer({ min: 2000, max: 2035 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 28 }),
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    second: fc.integer({ min: 0, max: 59 }),
  })
  .map((parts) => Temporal.PlainDateTime.from(parts))

describe('times of tills', () => {
  it('without an offset get the one of the store, as the reference implementation has it', () => {
    fc.assert(
      fc.property(localTimes, fc.constantFrom(...zones), (local, zone) => {
        const resolved = resolveTimestamp(local.toString(), zone)
        const earlier = local.toZonedDateTime(zone, { disambiguation: 'compatible' })
        expect(Date.parse(resolved?.timestamp ?? '')).toBe(earlier.epochMilliseconds)
        const later = local.toZonedDateTime(zone, { disambiguation: 'later' })
        const skipped = !earlier.toPlainDateTime().equals(local)
        expect(resolved?.offset).toBe(earlier.equals(later) || skipped ? 'DERIVED' : 'AMBIGUOUS')
      }),
      { numRuns: 1_000 },
    )
  })
  it.each([
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T02:30:00+02:00', 'AMBIGUOUS'],
    ['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T02:30:00+01:00', 'DERIVED'],
    ['2026-04-05T01:45:00', 'Australia/Lord_Howe', '2026-04-05T01:45:00+11:00', 'AMBIGUOUS'],
    ['2026-07-01T12:00', 'Asia/Kathmandu', '2026-07-01T12:00:00+05:45', 'DERIVED'],
    ['2026-07-01T12:00:00Z', 'Europe/Berlin', '2026-07-01T12:00:00Z', 'PRESENT'],
    ['2026-07-01T12:00:00.123+0800', 'Europe/Berlin', '2026-07-01T12:00:00.123+08:00', 'PRESENT'],
  ])('%s in %s', (text, zone, timestamp, offset) => {
    expect(resolveTimestamp(text, zone)).toEqual({ timestamp, offset })
  })
  it('takes the later of two hours where the order of receipts says so', () => {
    expect(resolveTimestamp('2026-10-25T02:30:00', 'Europe/Berlin', { preferLater: true })?.timestamp).toBe(
      '2026-10-25T02:30:00+01:00',
    )
  })
  it('does not take the first century for the twentieth', () => {
    const local = Temporal.PlainDateTime.from('0050-06-01T12:00:00')
    const { timestamp } = resolveTimestamp(local.toString(), 'UTC') ?? {}
    expect(timestamp).toBe('0050-06-01T12:00:00Z')
    expect(resolveTimestamp(local.toString(), 'Asia/Tokyo')?.timestamp).toMatch(/^0050-06-01T12:00:00\+09:\d\d$/)
  })
  it.each([
    '2026-02-30T10:00:00',
    '2026-13-01T10:00:00',
    '2026-01-01T24:00:60',
    '2026-01-01T10:60:00',
    '2026-01-01T10:00:00+25:00',
    '2026-01-01T10:00:00+14:01',
    '2026-01-01T10:00:00-15:00',
    '2026-01-01',
    'yesterday',
  ])('%s is no time', (text) => {
    expect(resolveTimestamp(text, 'UTC')).toBeUndefined()
  })
})

describe('business days', () => {
  it('go on after midnight until the store says so', () => {
    const store = { timeZone: 'America/Chicago', businessDayStartsAt: '04:00' }
    expect(businessDayOf('2017-10-01T02:01:31-05:00', store)).toBe('2017-09-30')
    expect(businessDayOf('2017-10-01T04:00:00-05:00', store)).toBe('2017-10-01')
  })
  it('agree with the reference implementation', () => {
    fc.assert(
      fc.property(localTimes, fc.constantFrom(...zones), (local, timeZone) => {
        const instant = local.toZonedDateTime('UTC')
        const expected = instant.withTimeZone(timeZone).toPlainDate().toString()
        return businessDayOf(instant.toInstant().toString(), { timeZone, businessDayStartsAt: '00:00' }) === expected
      }),
    )
  })
})

describe('calendar', () => {
  it('knows its days', () => {
    expect(['2024-02-29', '2000-02-29', '2026-12-31'].every(isCalendarDate)).toBe(true)
    expect(
      ['2026-02-29', '1900-02-29', '2026-00-10', '2026-04-31', '0000-01-01', '20260101'].some(isCalendarDate),
    ).toBe(false)
  })
  it('counts days over clock changes', () => {
    expect([daysBetween('2026-03-28', '2026-03-30'), daysBetween('2026-01-01', '2025-12-31')]).toEqual([2, -1])
  })
  it('knows time zones', () => {
    expect(['Europe/Berlin', 'UTC', 'Etc/GMT-2'].every(isTimeZone)).toBe(true)
    expect(['Mars/Olympus', '+02:00', '-0500', ''].some(isTimeZone)).toBe(false)
  })
})
