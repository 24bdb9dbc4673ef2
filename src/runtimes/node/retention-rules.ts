import type { ClientBase } from 'pg'
import { pruneAttempts } from '../../delivery/prune-steps.ts'
import { deleteOldFiles } from '../../files/queries.ts'
import { emptyRaws, findHeldRecords, findOldCases } from '../../intake/personal-data.ts'
import { readOldReceiptIds } from '../../journal/old-events.ts'
import { referEvents } from '../../journal/personal-data.ts'
import type { Pruned, PruneOrder, RetentionRule } from '../../privacy/erasure/retention.ts'
import type { Reference } from '../../privacy/references.ts'
import type { Settings } from '../../settings/load-settings.ts'

/** The rules of the settings; a class that is kept for ever has none. */
export function retentionRules(settings: Settings, refer: Reference | undefined): RetentionRule[] {
  const personal: RetentionRule[] = refer
    ? [
        {
          dataClass: 'personal',
          days: settings.retentionPersonalDays,
          prune: ofReceipts((db, ids) => referEvents(db, ids, refer)),
        },
      ]
    : []
  const rules: RetentionRule[] = [
    ...personal,
    { dataClass: 'raw', days: settings.retentionRawDays, prune: ofReceipts(emptyRaws) },
    { dataClass: 'quarantine', days: settings.retentionQuarantineDays, prune: ofCases('quarantine') },
    { dataClass: 'conflicts', days: settings.retentionConflictsDays, prune: ofCases('conflicts') },
    { dataClass: 'files', days: settings.retentionFilesDays, prune: deleting(deleteOldFiles) },
    { dataClass: 'attempts', days: settings.retentionAttemptsDays, prune: deleting(pruneAttempts) },
  ]
  return rules.filter(({ days }) => days > 0)
}

type Prune = RetentionRule['prune']

/** Walks the journal once; what is held is passed over until its hold is removed. */
function ofReceipts(work: (db: ClientBase, recordIds: readonly string[]) => Promise<number>): Prune {
  return async (client, order: PruneOrder): Promise<Pruned> => {
    const { eventIds, place, more } = await readOldReceiptIds(client, order)
    const held = await findHeldRecords(client, eventIds, order.held)
    const pruned = await work(
      client,
      eventIds.filter((id) => !held.has(id)),
    )
    return { pruned, more, ...(place !== undefined && { place }) }
  }
}

function ofCases(table: 'quarantine' | 'conflicts'): Prune {
  return async (client, order) => {
    const found = await findOldCases(client, table, order)
    const held = await findHeldRecords(client, found, order.held)
    const pruned = await emptyRaws(
      client,
      found.filter((id) => !held.has(id)),
    )
    return { pruned, more: pruned > 0 && found.length === order.limit }
  }
}

function deleting(work: (db: ClientBase, before: Date, countMax: number) => Promise<number>): Prune {
  return async (client, { cutAt, limit }) => {
    const pruned = await work(client, cutAt, limit)
    return { pruned, more: pruned === limit }
  }
}
