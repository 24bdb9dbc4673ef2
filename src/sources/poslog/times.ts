import type { StoreProfile } from '../../domain/store.ts'
import { businessDayOf, isCalendarDate, type ResolvedTimestamp, resolveTimestamp } from '../../domain/time.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { childOf, contentOf, type Element, textOf, vendorAttributeOf } from './element.ts'
import { type Notes, Unrepresentable } from './notes.ts'

type Times = Pick<
  Transaction,
  'businessDayDate' | 'businessDayDateSource' | 'beginDateTime' | 'endDateTime' | 'timeZone' | 'utcOffsetSource'
>

const endNames = ['EndDateTime', 'ReceiptDateTime', 'POSLogDateTime'] as const

/** Begin, end and business day; what the till does not say comes from the store's calendar. */
export function readTimes(element: Element, content: Element | undefined, profile: StoreProfile, notes: Notes): Times {
  const begin = readTime(childOf(element, 'BeginDateTime') ?? childOf(content, 'BeginDateTime'), profile)
  const endElement = endNames
    .map((name) => childOf(element, name) ?? childOf(content, name))
    .find((found) => contentOf(found) !== undefined)
  const end = readTime(endElement, profile)
  const reported = businessDayIn(element)
  const reference = end ?? begin
  if (reported === undefined && reference === undefined) {
    throw new Unrepresentable('invalid-timestamp', 'There is neither a BusinessDayDate nor a time to derive it from.')
  }
  const times: Times = {
    businessDayDate: reported ?? businessDayOf(reference?.timestamp ?? '', profile),
    businessDayDateSource: reported === undefined ? 'DERIVED' : 'REPORTED',
  }
  if (begin) times.beginDateTime = begin.timestamp
  if (end) times.endDateTime = end.timestamp
  const offset = worstOffset(begin, end)
  if (offset !== undefined) times.utcOffsetSource = offset
  if (offset === 'DERIVED' || offset === 'AMBIGUOUS') times.timeZone = profile.timeZone
  if (offset === 'AMBIGUOUS') {
    notes.findings.push({
      check: 'TIME',
      severity: 'info',
      message: 'The time falls into the hour that clocks repeat; the earlier one was taken.',
      advice: 'Have the till send times with their offset.',
    })
  }
  return times
}

/** The day as the till reported it, without a zone that some senders append. */
export function businessDayIn(element: Element): string | undefined {
  const text = textOf(element, 'BusinessDayDate')
  if (text === undefined) return undefined
  const day = /^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2}|T00:00:00.*)?$/.exec(text)?.[1]
  if (day === undefined || !isCalendarDate(day)) {
    throw new Unrepresentable('invalid-timestamp', 'BusinessDayDate is not a day of the calendar.')
  }
  return day
}

/** A time with its own offset, the one of a vendor's `Offset` attribute (`07:00:00`), or the store's. */
export function readTime(element: Element | undefined, profile: StoreProfile): ResolvedTimestamp | undefined {
  const text = contentOf(element)
  if (text === undefined || element === undefined) return undefined
  const hasOffset = /(Z|[+-]\d{2}:?\d{2})$/i.test(text.slice(10))
  const time = resolveTimestamp(hasOffset ? text : text + vendorOffset(element), profile.timeZone)
  if (!time) throw new Unrepresentable('invalid-timestamp', `${element.name} is not a time of the calendar.`)
  return time
}

function vendorOffset(element: Element): string {
  const match = /^([+-]?)(\d{2}):(\d{2})(:\d{2})?$/.exec(vendorAttributeOf(element, 'Offset') ?? '')
  return match ? `${match[1] || '+'}${match[2]}:${match[3]}` : ''
}

function worstOffset(...times: (ResolvedTimestamp | undefined)[]): ResolvedTimestamp['offset'] | undefined {
  const offsets = times.flatMap((time) => (time ? [time.offset] : []))
  return (['AMBIGUOUS', 'DERIVED', 'PRESENT'] as const).find((one) => offsets.includes(one))
}
