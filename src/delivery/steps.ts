import type { RecordedSteps, TargetDocument } from '../contract/connector.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { AttemptKind } from './attempt.ts'
import type { DeliveryStore, ShardLease } from './store.ts'
import type { Target } from './target.ts'

/** The event's shard has another holder by now: whatever this attempt still does, somebody else may be doing too. */
export class StepNotRecordedError extends Error {
  override readonly name = 'StepNotRecordedError'

  constructor(step: string) {
    super(`the step ${step} was not recorded, the lease has ended`)
  }
}

/** A step that has had its effect at a target; written only while the lease holds. */
export interface StepRecord {
  targetId: number
  workerId: string
  lease: ShardLease
  eventId: string
  step: string
  document: TargetDocument
}

/** For connectors that make one document of one event. */
export const noSteps: RecordedSteps = {
  done: new Map(),
  record: () => Promise.reject(new TypeError('a connector that records steps says so in its features')),
}

export interface StepsOptions {
  target: Target
  store: DeliveryStore
  workerId: string
  leases: readonly ShardLease[]
  event: JournalEvent
  attempt: number
  kind: AttemptKind
}

/**
 * The steps of an event as one attempt sees them. A first attempt has none to read: where an earlier one began and its process
 * died, the claim it left makes this one a look-up.
 */
export async function openSteps(options: StepsOptions): Promise<RecordedSteps> {
  const { target, store, workerId, leases, event, attempt, kind } = options
  if (!target.connection.features.resumes) return noSteps
  const lease = leases.find((one) => one.shard === event.shard)
  const isFirst = attempt === 1 && kind === 'send'
  const done = isFirst ? new Map<string, TargetDocument>() : await store.readSteps(target.targetId, event.eventId)
  return {
    done,
    record: async (step, document) => {
      const { targetId } = target
      const isRecorded =
        lease !== undefined &&
        (await store.recordStep({ targetId, workerId, lease, eventId: event.eventId, step, document }))
      if (!isRecorded) throw new StepNotRecordedError(step)
      done.set(step, document)
    },
  }
}
