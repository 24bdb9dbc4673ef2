import type { ConnectorFeatures } from '../contract/connector.ts'
import type { JournalEvent } from '../journal/event.ts'
import { traitsOf } from '../journal/event-traits.ts'
import type { AttemptKind } from './attempt.ts'
import { coalesce } from './coalesce.ts'
import { decideExpiredClaim } from './decide.ts'
import { Lane, type LaneItem } from './lane.ts'
import type { Entry, ReplayMark, Settlement } from './store.ts'

export interface PlanInput {
  fresh: readonly JournalEvent[]
  due: readonly Entry[]
  released: readonly Entry[]
  heldKeys: ReadonlySet<string>
  features: ConnectorFeatures
}

export interface Plan {
  lanes: Lane[]
  /** Events that cannot go in this cycle because their lane is held. */
  queued: Settlement[]
  /** States that a later event of the same lane says anew. */
  superseded: Settlement[]
}

/** Sorts what a cycle read into lanes. A new event never overtakes: where its lane is held it is queued behind. */
export function planLanes({ fresh, due, released, heldKeys, features }: PlanInput): Plan {
  const lanes = new Map<string, Lane>()
  const queued: Settlement[] = []
  const laneOf = (event: JournalEvent): Lane => {
    const known = lanes.get(event.orderingKey)
    if (known) return known
    const lane = new Lane(event.orderingKey, event.shard)
    lanes.set(event.orderingKey, lane)
    return lane
  }
  for (const entry of due) laneOf(entry.event).items.push(resume(entry, features))
  for (const entry of released) {
    if (heldKeys.has(entry.event.orderingKey)) {
      queued.push({ event: entry.event, transition: { state: 'queued' }, attempts: entry.attempts, hadEntry: true })
    } else {
      laneOf(entry.event).items.push({ ...resume(entry, features), kind: kindOf(entry.replay, 'send') })
    }
  }
  for (const event of fresh) {
    if (!traitsOf(event.eventType)) continue
    if (heldKeys.has(event.orderingKey))
      queued.push({ event, transition: { state: 'queued' }, attempts: 0, hadEntry: false })
    else laneOf(event).items.push({ event, origin: 'new', attempts: 0, kind: 'send', deadlinePassed: false })
  }
  const superseded: Settlement[] = []
  for (const lane of lanes.values()) {
    const { kept, superseded: older } = coalesce(lane.items)
    lane.items.splice(0, lane.items.length, ...kept)
    superseded.push(...older)
  }
  return { lanes: [...lanes.values()], queued, superseded }
}

/** How an entry goes on: an expired claim and a lost answer may have had their effect already. */
function resume(entry: Entry, features: ConnectorFeatures): LaneItem {
  const item: LaneItem = {
    event: entry.event,
    origin: 'entry',
    attempts: entry.attempts,
    kind: kindOf(entry.replay, entry.state === 'unknown' ? 'look-up' : 'send'),
    deadlinePassed: entry.deadlinePassed,
    ...(entry.replay && { replay: entry.replay }),
  }
  if (entry.state !== 'sending') return item
  const decision = decideExpiredClaim(features)
  if (decision === 'resend') return item
  if (decision === 'look-up') return { ...item, kind: 'look-up' }
  const reason = 'A worker stopped in the middle of sending, and the target cannot be asked whether it has it.'
  return {
    ...item,
    judged: {
      event: entry.event,
      transition: { state: 'needs-check', reasonCode: 'outcome-unknown', reason },
      attempts: entry.attempts,
      hadEntry: true,
    },
  }
}

/** What a replay brought back may be at the target already, whatever became of its entry meanwhile. */
function kindOf(replay: ReplayMark | undefined, kind: AttemptKind): AttemptKind {
  return replay?.lookFirst ? 'look-up' : kind
}
