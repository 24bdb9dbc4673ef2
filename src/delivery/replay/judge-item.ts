import type { ConnectorFeatures } from '../../contract/connector.ts'
import type { EntryState } from '../transition.ts'
import type { LeftBecause, ReplayableState, ReplayMode } from './replay.ts'

/** What an event is at a target at this moment. `pending`: not reached yet. */
export type PresentState = ReplayableState | EntryState | 'pending'

export type ItemJudgement =
  | {
      kind: 'release'
      /** The target is asked before anything is sent. */
      lookFirst: boolean
      /** Under a new generation of the idempotency key. */
      again: boolean
    }
  | { kind: 'left'; because: LeftBecause }

const onTheirWay: ReadonlySet<PresentState> = new Set(['pending', 'sending', 'retry', 'unknown', 'queued', 'waiting'])

/** States in which the target may have the event already. */
const perhapsThere: ReadonlySet<PresentState> = new Set(['delivered', 'needs-check', 'unaccounted'])

/** Nobody knows what the target made of these, so that nothing it has can be set aside as that of an earlier generation. */
const withoutTrace: ReadonlySet<PresentState> = new Set(['needs-check', 'unaccounted'])

/** Whether and how a replay sends an event (`states.md`, table 5): asked when it is planned, and again when its turn has come. */
export function judgeItem(mode: ReplayMode, features: ConnectorFeatures, state: PresentState): ItemJudgement {
  if (onTheirWay.has(state)) return { kind: 'left', because: 'on-its-way' }
  if (mode === 'again') {
    // A document of before would be found, and taken as the proof of the new one.
    if (withoutTrace.has(state) && features.lookUp) return { kind: 'left', because: 'look-up-first' }
    return { kind: 'release', lookFirst: false, again: true }
  }
  if (!features.lookUp && !features.idempotent && perhapsThere.has(state))
    return { kind: 'left', because: 'cannot-be-asked' }
  return { kind: 'release', lookFirst: features.lookUp, again: false }
}
