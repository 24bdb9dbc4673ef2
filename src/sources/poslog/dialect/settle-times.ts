import type { ReadContext } from '../../../contract/source.ts'
import { isCalendarDate, resolveTimestamp } from '../../../domain/time.ts'
import { Unrepresentable } from '../notes.ts'
import type { Values } from './shape.ts'

/**
 * Times that a calendar does not have are refused, as in every other dialect. A time with its offset stays as it is written; without
 * one it gets the store's. What a fiscal device signed is nobody's to change.
 */
export function settleTimes(values: Values, context: ReadContext): void {
  const store = values.businessUnitId
  if (typeof store !== 'string') return
  const { timeZone } = context.store(store)
  const settle = (holder: Values, name: string) => {
    const stated = holder[name]
    if (typeof stated !== 'string') return
    const time = resolveTimestamp(stated, timeZone)
    if (time === undefined) throw new Unrepresentable('invalid-timestamp', 'A time is not a time of the calendar.')
    if (time.offset !== 'PRESENT') holder[name] = time.timestamp
  }
  settle(values, 'beginDateTime')
  settle(values, 'endDateTime')
  const session = values.tillSession as Values | undefined
  if (session) for (const name of ['openedAt', 'closedAt']) settle(session, name)
  for (const line of values.lines as Values[]) settle(line, 'authorizedAt')
  const links = (values.links ?? []) as Values[]
  for (const { businessDayDate: day } of [values, ...links]) {
    if (typeof day === 'string' && !isCalendarDate(day)) {
      throw new Unrepresentable('invalid-timestamp', 'A business day is not a day of the calendar.')
    }
  }
}
