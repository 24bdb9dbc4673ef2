import type { Pool } from 'pg'
import { readEvents } from '../../journal/queries.ts'
import type { Target } from '../target.ts'
import { type ItemPreview, type PreviewTools, previewItem } from './preview.ts'
import * as sql from './queries.ts'
import { type ItemPage, type ReplayItem, readReplayItems } from './read.ts'
import type { Replay } from './replay.ts'

/** Receipts whose dry run is made at once; each may be a question to the target. */
export const dryRunMax = 200
/** Questions to the target at the same time: it has live traffic to answer. */
const questionsAtOnce = 4

export type DryRunItem = ReplayItem & { preview?: ItemPreview }

/** A page of a plan's receipts with what would change at the target, in journal order. */
export async function dryRun(
  pool: Pool,
  target: Target,
  replay: Pick<Replay, 'replayId' | 'mode'>,
  page: ItemPage,
  tools: PreviewTools,
): Promise<DryRunItem[]> {
  const items = await readReplayItems(pool, replay.replayId, { ...page, limit: Math.min(page.limit, dryRunMax) })
  const eventIds = items.map((item) => item.eventId)
  const events = await readEvents(pool, eventIds)
  const { rows } = await pool.query<{ event_id: string; superseded: string[] }>(sql.readSupersededText, [
    target.targetId,
    eventIds,
  ])
  const supersededOf = new Map(rows.map((row) => [row.event_id, row.superseded]))
  const eventOf = new Map(events.map((event) => [event.eventId, event]))
  const answers: DryRunItem[] = []
  for (let index = 0; index < items.length; index += questionsAtOnce) {
    const some = items.slice(index, index + questionsAtOnce).map(async (item): Promise<DryRunItem> => {
      const event = eventOf.get(item.eventId)
      return event
        ? { ...item, preview: await previewItem(target, event, replay.mode, tools, supersededOf.get(item.eventId)) }
        : item
    })
    answers.push(...(await Promise.all(some)))
  }
  return answers
}
