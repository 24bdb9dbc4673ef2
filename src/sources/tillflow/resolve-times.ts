import type { ProblemCode } from '../../contract/problem.ts'
import type { ReadContext } from '../../contract/source.ts'
import type { Finding } from '../../domain/finding.ts'
import { businessDayOf, isCalendarDate, type ResolvedTimestamp, resolveTimestamp } from '../../domain/time.ts'
import { isDocument } from './keep-unknown.ts'

export interface ResolveFault {
  problem: ProblemCode
  detail: string
}

type Document = Record<string, unknown>
type Offset = ResolvedTimestamp['offset']

/** The least certain first: it is what a document says of all its times. */
const leastCertain: readonly Offset[] = ['AMBIGUOUS', 'DERIVED', 'PRESENT']

/** Every time of a document except those of a fiscal device: what was signed is kept as it is. */
function timesIn(document: Document): { holder: Document; names: readonly string[]; path: string }[] {
  const found = [{ holder: document, names: ['beginDateTime', 'endDateTime'], path: '' }]
  const { tillSession, lines } = document
  if (isDocument(tillSession))
    found.push({ holder: tillSession, names: ['openedAt', 'closedAt'], path: '/tillSession' })
  if (!Array.isArray(lines)) return found
  for (const [index, line] of lines.entries()) {
    if (isDocument(line) && line.authorizedAt !== undefined) {
      found.push({ holder: line, names: ['authorizedAt'], path: `/lines/${index}` })
    }
  }
  return found
}

/** The business day, and those of the transactions it points to. Their shape is the schema's affair. */
function impossibleDay(document: Document): ResolveFault | undefined {
  const links = Array.isArray(document.links) ? document.links : []
  const days = [
    [document.businessDayDate, '/businessDayDate'] as const,
    ...links.map(
      (link, index) =>
        [isDocument(link) ? link.businessDayDate : undefined, `/links/${index}/businessDayDate`] as const,
    ),
  ]
  const wrong = days.find(([day]) => typeof day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(day) && !isCalendarDate(day))
  return wrong && { problem: 'invalid-timestamp', detail: `${wrong[1]} is not a day of the calendar.` }
}

/** Gives times the store's offset and the document its business day, where the till sent none. */
export function resolveTimes(
  document: Record<string, unknown>,
  context: ReadContext,
  findings: Finding[],
): ResolveFault | undefined {
  const { businessUnitId } = document
  if (typeof businessUnitId !== 'string') return undefined
  const profile = context.store(businessUnitId)
  const offsets = new Set<Offset>()
  const resolve = (holder: Document, name: string, path: string): ResolveFault | undefined => {
    const text = holder[name]
    if (text === undefined) return undefined
    const resolved = typeof text === 'string' ? resolveTimestamp(text, profile.timeZone) : undefined
    if (!resolved) return { problem: 'invalid-timestamp', detail: `${path}/${name} is not a time of the calendar.` }
    holder[name] = resolved.timestamp
    offsets.add(resolved.offset)
    return undefined
  }
  for (const { holder, names, path } of timesIn(document)) {
    for (const name of names) {
      const fault = resolve(holder, name, path)
      if (fault) return fault
    }
  }
  const day = impossibleDay(document)
  if (day) return day
  const source = leastCertain.find((offset) => offsets.has(offset)) ?? 'PRESENT'
  const reference = document.endDateTime ?? document.beginDateTime
  if (typeof reference === 'string') document.utcOffsetSource ??= source
  if (source !== 'PRESENT') document.timeZone ??= profile.timeZone
  if (source === 'AMBIGUOUS') {
    findings.push({
      check: 'TIME',
      severity: 'info',
      message: 'The time falls into the hour that clocks repeat; the earlier one was taken.',
      advice: 'Have the till send times with their offset.',
    })
  }
  if (document.businessDayDate !== undefined) {
    document.businessDayDateSource ??= 'REPORTED'
    return undefined
  }
  if (typeof reference !== 'string') {
    return { problem: 'invalid-timestamp', detail: 'There is neither a business day nor a time to derive it from.' }
  }
  document.businessDayDate = businessDayOf(reference, profile)
  document.businessDayDateSource = 'DERIVED'
  return undefined
}
