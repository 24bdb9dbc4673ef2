import type { ProblemCode } from '../../contract/problem.ts'
import type { ReadContext } from '../../contract/source.ts'
import type { Finding } from '../../domain/finding.ts'
import { businessDayOf, resolveTimestamp } from '../../domain/time.ts'

export interface ResolveFault {
  problem: ProblemCode
  detail: string
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
  let source = 'PRESENT'
  for (const name of ['beginDateTime', 'endDateTime']) {
    const text = document[name]
    if (text === undefined) continue
    const resolved = typeof text === 'string' ? resolveTimestamp(text, profile.timeZone) : undefined
    if (!resolved) return { problem: 'invalid-timestamp', detail: `/${name} is not a time of the calendar.` }
    document[name] = resolved.timestamp
    if (resolved.offset !== 'PRESENT' && source !== 'AMBIGUOUS') source = resolved.offset
  }
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
