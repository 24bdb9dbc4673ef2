import type { JournalEvent } from '../../journal/event.ts'
import { type EventClass, traitsOf } from '../../journal/event-traits.ts'
import type { Entry } from '../store.ts'
import type { ClassTurns } from './class-turns.ts'

/** What a cycle read. */
export interface ReadWork {
  /** Per shard in journal order. */
  fresh: JournalEvent[]
  /** Per lane in journal order. */
  due: Entry[]
  released: Entry[]
  /** Lanes that an entry holds: new events of theirs only take their place behind it. */
  heldKeys: ReadonlySet<string>
}

export interface ChosenWork extends ReadWork {
  /** New events that others overtake: they become queued entries, and keep their place in their own lanes. */
  deferred: JournalEvent[]
  /** Every new event that is dealt with: so far the cursors go. */
  passed: JournalEvent[]
}

export interface ChooseOptions {
  /** Events that may go in this cycle. */
  budget: number
  turns: ClassTurns
  /** Held lanes from which on nothing more is deferred: what waits must not grow without end outside the journal. */
  heldLanesMax: number
}

type Candidate = { eventClass: EventClass; event: JournalEvent; from: 'due' | 'released' | 'fresh' }

/**
 * Takes out of what was read as much as the budget of a cycle allows, by turns of the classes; within a class what came first goes
 * first, and of a key nothing overtakes. The rest stays unread. Only where something was chosen from behind other new
 * events of its shard are those put aside.
 */
export function chooseWork(read: ReadWork, { budget, turns, heldLanesMax }: ChooseOptions): ChosenWork {
  const lines = new Map<EventClass, Candidate[]>()
  const join = (event: JournalEvent, from: Candidate['from']) => {
    const eventClass = traitsOf(event.eventType)?.class
    if (!eventClass) return
    const line = lines.get(eventClass) ?? []
    line.push({ eventClass, event, from })
    lines.set(eventClass, line)
  }
  for (const { event } of read.due) join(event, 'due')
  for (const { event } of read.released) join(event, 'released')
  const mayDefer = read.heldKeys.size < heldLanesMax
  for (const event of readable(read, mayDefer)) join(event, 'fresh')

  const chosen = new Set<string>()
  // A key whose events are of several classes: what is further back waits until what is before it was chosen.
  const keys = new KeyOrder(lines)
  while (chosen.size < budget) {
    const ready = new Map<EventClass, Candidate>()
    for (const [eventClass, line] of lines) {
      const next = line.find((one) => !chosen.has(one.event.eventId) && keys.isNext(one))
      if (next) ready.set(eventClass, next)
    }
    const turn = turns.next(new Set(ready.keys()))
    const next = turn && ready.get(turn)
    if (!next) break
    chosen.add(next.event.eventId)
    // What only says the same subject anew costs no turn: of all of them one is sent.
    for (const later of keys.pass(next)) chosen.add(later.event.eventId)
    lines.get(next.eventClass)?.splice(lines.get(next.eventClass)?.indexOf(next) ?? 0, 1)
  }
  return take(read, chosen)
}

/** New events in the order in which they may be chosen; without deferring, only what lies before the first other class of a shard. */
function readable({ fresh, heldKeys }: ReadWork, mayDefer: boolean): JournalEvent[] {
  const firstClass = new Map<number, EventClass | undefined>()
  const ended = new Set<number>()
  return fresh.filter((event) => {
    if (heldKeys.has(event.orderingKey)) return false
    const eventClass = traitsOf(event.eventType)?.class
    if (!eventClass || mayDefer) return eventClass !== undefined
    if (!firstClass.has(event.shard)) firstClass.set(event.shard, eventClass)
    if (firstClass.get(event.shard) !== eventClass) ended.add(event.shard)
    return !ended.has(event.shard)
  })
}

function take(read: ReadWork, chosen: ReadonlySet<string>): ChosenWork {
  const isChosen = (event: JournalEvent) => chosen.has(event.eventId)
  const needsTurn = (event: JournalEvent) =>
    traitsOf(event.eventType) !== undefined && !read.heldKeys.has(event.orderingKey)
  // Up to here a shard is worked through: its last chosen event, and whatever needs no turn right behind it.
  const ends = new Map<number, number>()
  const open = new Set<number>()
  read.fresh.forEach((event, index) => {
    if (isChosen(event)) {
      ends.set(event.shard, index)
      open.delete(event.shard)
    } else if (needsTurn(event)) open.add(event.shard)
    else if (!open.has(event.shard)) ends.set(event.shard, index)
  })
  const passed = read.fresh.filter((event, index) => index <= (ends.get(event.shard) ?? -1))
  const isDeferred = (event: JournalEvent) => needsTurn(event) && !isChosen(event)
  return {
    passed,
    fresh: passed.filter((event) => !isDeferred(event)),
    due: read.due.filter(({ event }) => isChosen(event)),
    released: read.released.filter(({ event }) => isChosen(event)),
    heldKeys: read.heldKeys,
    deferred: passed.filter(isDeferred),
  }
}

/** Which event of a key is next; released dependents have left their lanes and wait for nobody. */
class KeyOrder {
  readonly #lanes = new Map<string, Candidate[]>()

  constructor(lines: ReadonlyMap<EventClass, readonly Candidate[]>) {
    const all = [...lines.values()].flat().filter((one) => one.from !== 'released')
    for (const one of all.toSorted(byPosition)) {
      const lane = this.#lanes.get(one.event.orderingKey) ?? []
      lane.push(one)
      this.#lanes.set(one.event.orderingKey, lane)
    }
  }

  isNext(one: Candidate): boolean {
    return one.from === 'released' || this.#lanes.get(one.event.orderingKey)?.[0] === one
  }

  /** Returns the states right behind it that supersede it. */
  pass(one: Candidate): Candidate[] {
    const lane = this.#lanes.get(one.event.orderingKey) ?? []
    if (one.from === 'released') return []
    lane.shift()
    const end = lane.findIndex((later) => !supersedes(later.event, one.event))
    return lane.splice(0, end < 0 ? lane.length : end)
  }
}

function supersedes(later: JournalEvent, earlier: JournalEvent): boolean {
  const isState = traitsOf(later.eventType)?.kind === 'state'
  return isState && later.eventType === earlier.eventType && later.subject === earlier.subject
}

function byPosition({ event: a }: Candidate, { event: b }: Candidate): number {
  const [xids, positions] = [BigInt(a.xid) - BigInt(b.xid), BigInt(a.position) - BigInt(b.position)]
  const difference = xids === 0n ? positions : xids
  return difference < 0n ? -1 : Number(difference > 0n)
}
