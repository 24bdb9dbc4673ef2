import { systemClock } from '../../contract/clock.ts'
import { GroupedCalls } from '../../database/grouped-calls.ts'
import type { JournalEvent } from '../../journal/event.ts'

type LoadEvents = (eventIds: readonly string[]) => Promise<JournalEvent[]>

/**
 * Events whose data did not travel, read once for all targets of a process that want them at the same time, as they do: the bus brings
 * an event to all of them at once. Nothing is kept, since somebody may be erased a moment later.
 */
export function loadTogether(loadEvents: LoadEvents): LoadEvents {
  const calls = new GroupedCalls<readonly string[], JournalEvent[]>(
    async (wanted) => {
      const events = await loadEvents([...new Set(wanted.flat())])
      const known = new Map(events.map((event) => [event.eventId, event]))
      return wanted.map((eventIds) => eventIds.flatMap((eventId) => known.get(eventId) ?? []))
    },
    { groupSizeMax: 100, groupsInFlightMax: 1, queueMax: Number.POSITIVE_INFINITY, clock: systemClock },
  )
  let count = 0
  // Calls have no order between them.
  return (eventIds) => calls.add(eventIds, String(count++))
}
