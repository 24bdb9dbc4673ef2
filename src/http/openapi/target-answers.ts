import type { RecordedAct } from '../../audit/acts.ts'
import type { TargetCondition } from '../../delivery/condition.ts'
import type { ParkedEvent } from '../../delivery/parked.ts'
import type { FingerprintGroup } from '../../delivery/parked-groups.ts'
import type { DryRunItem } from '../../delivery/replay/dry-run.ts'
import type { Replay, ReplayProgress } from '../../delivery/replay/replay.ts'
import type { TargetStatus } from '../../delivery/status.ts'
import type { TargetDrain, TargetPause } from '../../delivery/targets.ts'

/** What is answered on targets and their replays. */
export interface TargetAnswers {
  targets: TargetList
  paused: PausedTarget
  drained: DrainedTarget
  resumed: ResumedTarget
  parked: ParkedList | ParkedCauses
  retried: RetriedEvents
  replay: PlannedReplay
  replays: ReplayList
  replayPage: ReplayPage
  replayMoved: MovedReplay
}

export interface TargetList {
  /** The second: to whoever may look at some stores only. */
  targets: TargetStatus[] | TargetCondition[]
}

export interface PausedTarget {
  /** False: it was paused already, and keeps its first reason. */
  changed: boolean
  pause: TargetPause
}

export interface DrainedTarget {
  /** False: it was draining or paused already, and stays so. */
  changed: boolean
  drain?: TargetDrain
  pause?: TargetPause
}

export interface ResumedTarget {
  /** False: nothing held it. */
  changed: boolean
}

export interface ParkedList {
  events: ParkedEvent[]
}

/** What is parked, by cause, the largest group first. */
export interface ParkedCauses {
  groups: FingerprintGroup[]
}

export interface RetriedEvents {
  /** Events that are back in their lanes. @asType integer @minimum 0 */
  retried: number
}

export interface PlannedReplay {
  replay: Replay
}

export interface ReplayList {
  replays: Replay[]
}

export interface MovedReplay {
  replay: Replay
  progress: ReplayProgress
}

export interface ReplayPage extends MovedReplay {
  /** What was done to it, the oldest first. */
  acts: RecordedAct[]
  /** In journal order; each with its `preview` where one was asked for. */
  items: DryRunItem[]
  /** `after` of the next page; absent on the last. */
  next?: string
}
