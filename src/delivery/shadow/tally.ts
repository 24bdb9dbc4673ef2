import type { Difference } from './compare-documents.ts'

export type ShadowResult = 'same' | 'different' | 'failed' | 'dropped'

export interface ShadowExample {
  eventId: string
  receipt: string
  live?: string | undefined
  shadow?: string | undefined
}

/** What was found since it was last written down. */
export interface ShadowTally {
  counts: Record<ShadowResult, number>
  /** What the shadow last failed with. */
  failure?: string
  fields: Map<string, { count: number; examples: ShadowExample[] }>
}

/** Events to look at, of one field. */
export const examplesPerFieldMax = 5
/** Other fields are counted in the events that differ, but not named. */
export const fieldsMax = 200

export function emptyTally(): ShadowTally {
  return { counts: { same: 0, different: 0, failed: 0, dropped: 0 }, fields: new Map() }
}

/** Adds one event with its differences; a field that differs in several places of it counts once. */
export function addDifferences(
  tally: ShadowTally,
  event: { eventId: string; subject: string },
  differences: readonly Difference[],
): void {
  const seen = new Set<string>()
  for (const { field, live, shadow } of differences) {
    if (seen.has(field)) continue
    seen.add(field)
    const known = tally.fields.get(field) ?? { count: 0, examples: [] }
    if (known.count === 0 && tally.fields.size >= fieldsMax) continue
    known.count += 1
    if (known.examples.length < examplesPerFieldMax)
      known.examples.push({ eventId: event.eventId, receipt: event.subject, live, shadow })
    tally.fields.set(field, known)
  }
}
