import type { ConnectorContext, DeliveryEvent, TargetDocument } from '../../contract/connector.ts'
import type { Logger } from '../../contract/logger.ts'
import type { JournalEvent, RecordedData } from '../../journal/event.ts'
import { deliveryEventOf, idempotencyKeyOf, withoutSuperseded } from '../attempt.ts'
import { screen } from '../screen.ts'
import { noSteps } from '../steps.ts'
import type { Target } from '../target.ts'
import { type Change, findChanges } from './difference.ts'
import type { ReplayMode } from './replay.ts'

/**
 * What would change at the target. `none`: it has the receipt. `new-document`: it has not. `new-document-if-missing`: it cannot be
 * asked, and collapses what it has. `second-document`: it has the receipt and gets another one. `document-perhaps-second`: nobody
 * knows whether it has the receipt. `skipped` and `held`: nothing is sent today. `not-known`: it did not answer when it was asked.
 */
export type Effect =
  | 'none'
  | 'new-document'
  | 'new-document-if-missing'
  | 'second-document'
  | 'document-perhaps-second'
  | 'skipped'
  | 'held'
  | 'not-known'

/** What a replay would do with one receipt, as of now. Nothing is changed by looking. */
export interface ItemPreview {
  effect: Effect
  /** Why nothing is sent. */
  reason?: string
  /** The target was asked: `there`, `absent`, or why not. */
  atTarget: 'there' | 'absent' | 'cannot-be-asked' | 'no-answer'
  /** What the target has now. */
  documents?: TargetDocument[]
  /** Translation with the settings of before, where somebody gave them. */
  before?: unknown
  /** Translation with today's settings and code. */
  after?: unknown
  /** Where the two differ. */
  changes?: Change[]
}

export interface PreviewTools {
  logger: Logger
  now(): number
  /** The target with the settings that it had before. */
  targetBefore?: Pick<Target, 'connection'>
}

/** Time for one question; a dry run of a target that hangs must end. */
const lookUpMaxMs = 15_000

/** The dry run of one receipt: what would be sent, and whether the target has it. */
export async function previewItem(
  target: Target,
  event: JournalEvent,
  mode: ReplayMode,
  tools: PreviewTools,
  superseded: readonly string[] = [],
): Promise<ItemPreview> {
  const delivery = deliveryEventOf(event)
  const { connection } = target
  const { transaction, findings } = event.data as RecordedData
  const after = await connection.preview?.(delivery)
  const before = await tools.targetBefore?.connection.preview?.(delivery)
  const translation = {
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(tools.targetBefore && { changes: findChanges(before, after) }),
  }
  const all = await lookUp(target, delivery, tools)
  // For mode missing a document of an earlier generation is no proof; for mode again it is there all the same.
  const found = mode === 'missing' ? presentOnly(all, superseded) : all
  const early = screen(transaction, findings, target.policy)
  if (early?.state === 'skipped' || early?.state === 'parked')
    return { effect: early.state === 'skipped' ? 'skipped' : 'held', reason: early.reason, ...found, ...translation }
  return { effect: effectOf(mode, connection.features, found.atTarget), ...found, ...translation }
}

function effectOf(
  mode: ReplayMode,
  { idempotent }: Target['connection']['features'],
  atTarget: ItemPreview['atTarget'],
): Effect {
  if (atTarget === 'absent') return 'new-document'
  if (mode === 'again') return atTarget === 'there' ? 'second-document' : 'document-perhaps-second'
  if (atTarget === 'there') return 'none'
  if (idempotent) return 'new-document-if-missing'
  // Without idempotency only what the target never took is sent unasked; what nobody can tell is looked for when its turn comes.
  return atTarget === 'cannot-be-asked' ? 'new-document' : 'not-known'
}

type Found = Pick<ItemPreview, 'atTarget' | 'documents'>

async function lookUp(target: Target, event: DeliveryEvent, { logger, now }: PreviewTools): Promise<Found> {
  const { findPosting, features } = target.connection
  if (!findPosting || !features.lookUp) return { atTarget: 'cannot-be-asked' }
  const context: ConnectorContext = {
    fetch: target.fetch,
    logger,
    now,
    signal: AbortSignal.timeout(Math.min(target.policy.attemptTimeoutMs, lookUpMaxMs)),
    attempt: 1,
    idempotencyKey: idempotencyKeyOf(event),
    steps: noSteps,
  }
  try {
    const documents = await findPosting.call(target.connection, event, context)
    return documents ? { atTarget: 'there', documents } : { atTarget: 'absent' }
  } catch (error) {
    logger.debug({ target: target.name, error: String(error) }, 'a dry run was not answered')
    return { atTarget: 'no-answer' }
  }
}

function presentOnly(found: Found, superseded: readonly string[]): Found {
  const documents = withoutSuperseded(found.documents, superseded)
  if (found.atTarget !== 'there' || documents) return { ...found, ...(documents && { documents }) }
  return { atTarget: 'absent' }
}
