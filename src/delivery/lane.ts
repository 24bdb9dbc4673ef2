import type { JournalEvent } from '../journal/event.ts'
import type { AttemptKind } from './attempt.ts'
import type { ReplayMark, Settlement } from './store.ts'

/** One event on its way through a cycle. */
export interface LaneItem {
  event: JournalEvent
  /** `new`: read after the cursor; `entry`: it has a row of its own already. */
  origin: 'new' | 'entry'
  attempts: number
  kind: AttemptKind
  deadlinePassed: boolean
  replay?: ReplayMark
  /** Already judged, e.g. an expired claim that only a person can settle. */
  judged?: Settlement
}

/** The events of one ordering key in one cycle, in journal order, and how far they are. */
export class Lane {
  readonly orderingKey: string
  readonly shard: number
  readonly items: LaneItem[] = []
  readonly settlements: Settlement[] = []
  /** The item whose attempt is on its way, since when. */
  current: { item: LaneItem; startedAt: number } | undefined
  /** Left behind by its cycle: the attempt on its way settles by itself, the rest is queued. */
  detached = false
  finished = false

  constructor(orderingKey: string, shard: number) {
    this.orderingKey = orderingKey
    this.shard = shard
  }

  /** The items behind `item` stay where they are: new ones become queued entries, entries are queued already. */
  queueRest(after: LaneItem): void {
    for (const item of this.items.slice(this.items.indexOf(after) + 1)) {
      if (item.origin === 'new')
        this.settlements.push({ event: item.event, transition: { state: 'queued' }, attempts: 0, hadEntry: false })
    }
  }

  /** Takes the lane out of its cycle while an attempt hangs, so that the other lanes need not wait for it. */
  detach(): void {
    if (!this.current) return
    this.detached = true
    const { item } = this.current
    this.settlements.push({
      event: item.event,
      transition: { state: 'sending' },
      attempts: item.attempts,
      hadEntry: item.origin === 'entry',
    })
    this.queueRest(item)
  }
}
