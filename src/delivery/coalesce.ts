import type { JournalEvent } from '../journal/event.ts'
import { traitsOf } from '../journal/event-traits.ts'
import type { LaneItem } from './lane.ts'
import type { Settlement } from './store.ts'

/**
 * Leaves out of a lane what a later event of it says anew: of the states of one subject only the last counts. A flow event
 * is never left out, nor is a state that was sent and may have arrived: its lost answer is looked for first.
 */
export function coalesce(items: readonly LaneItem[]): { kept: LaneItem[]; superseded: Settlement[] } {
  const newest = new Map<string, JournalEvent>()
  const kept: LaneItem[] = []
  const superseded: Settlement[] = []
  for (const item of items.toReversed()) {
    const { event } = item
    const isState = traitsOf(event.eventType)?.kind === 'state'
    const subject = `${event.eventType} ${event.subject}`
    const newer = isState ? newest.get(subject) : undefined
    if (newer && !item.judged && item.kind === 'send') {
      superseded.push({
        event,
        transition: { state: 'skipped', reason: `superseded-by ${newer.eventId}` },
        attempts: item.attempts,
        hadEntry: item.origin === 'entry',
      })
      continue
    }
    kept.push(item)
    if (isState && !newer) newest.set(subject, event)
  }
  return { kept: kept.toReversed(), superseded: superseded.toReversed() }
}
