import type { Clock } from '../contract/clock.ts'
import { isProblem, Problem } from '../contract/problem.ts'
import { GroupedCalls, type GroupedCallsOptions } from '../database/grouped-calls.ts'
import type { StoreProfile } from '../domain/store.ts'
import type { Answer } from './answer.ts'
import type { Intake, Upload } from './intake.ts'
import { prepareRecord } from './prepare.ts'
import type { IntakeRecord, IntakeStore } from './record.ts'
import { recordGroup } from './record-group.ts'

export interface IntakeOptions extends GroupedCallsOptions {
  store: IntakeStore
  clock: Clock
  profileOf(businessUnitId: string): StoreProfile
  /** Called after every commit that may have added events. */
  onRecorded?(count: number): void
  onGroup?(size: number): void
  onError?(error: unknown): void
}

/** The door of the house, over any store. */
export function createIntake(options: IntakeOptions): Intake {
  const prepareOptions = { profileOf: options.profileOf, now: () => options.clock.now() }

  const commit = async (group: IntakeRecord[]): Promise<(Answer | Error)[]> => {
    options.onGroup?.(group.length)
    try {
      const answers = await recordGroup(options.store, group)
      options.onRecorded?.(group.length)
      return answers
    } catch (error) {
      options.onError?.(error)
      // Whether a lost connection came before or after the commit is not known: the till sends again and meets its own record.
      throw isProblem(error) ? error : new Problem('storage-unavailable', undefined, { cause: error })
    }
  }
  const queue = new GroupedCalls<IntakeRecord, Answer>(commit, options)

  const record = async (upload: Upload): Promise<Answer> => {
    const prepared = prepareRecord(upload, prepareOptions)
    return queue.add(prepared, prepared.orderingKey)
  }

  return {
    record,
    recordAll: async (uploads) => {
      const settled = await Promise.allSettled(uploads.map(record))
      return settled.map((one) => (one.status === 'fulfilled' ? one.value : toError(one.reason)))
    },
    close: () => queue.settled(),
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Problem('internal-error', undefined, { cause: reason })
}
