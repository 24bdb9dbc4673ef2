import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { resolveTimestamp } from './time.ts'
import { zones } from './time-zones-of-tests.ts'

describe('changes of the clocks', () => {
  const hoursAround = zones.flatMap((zone) => changesOf(zone).map((change) => ({ zone, change })))

  it('are read to the minute, before, within and after, in every zone', () => {
    expect(hoursAround.length).toBeGreaterThan(300)
    for (const { zone, change } of hoursAround) {
      for (let minute = -150; minute <= 150; minute += 7) {
        const local = change.toPlainDateTime().add({ minutes: minute })
        const expected = local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds
        expect(Date.parse(resolveTimestamp(local.toString(), zone)?.timestamp ?? ''), `${local} ${zone}`).toBe(expected)
      }
    }
  })
})

function changesOf(zone: string): Temporal.ZonedDateTime[] {
  const changes: Temporal.ZonedDateTime[] = []
  let at: Temporal.ZonedDateTime | null = Temporal.ZonedDateTime.from(`2005-01-01T00:00[${zone}]`)
  while (at && at.year < 2030) {
    at = at.getTimeZoneTransition('next')
    if (at) changes.push(at)
  }
  return changes
}
