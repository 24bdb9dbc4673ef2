import { randomUUID } from 'node:crypto'
import type { ClientBase } from 'pg'
import { noteEmptied } from '../../audit/emptied.ts'
import { deleteAttempts, readEventsOfOldAttempts } from '../../delivery/prune-steps.ts'
import { deleteOldFiles } from '../../files/queries.ts'
import { forgetPeople } from '../../identity/forget-people.ts'
import { emptyRaws, findHeldRecords, findOldCases } from '../../intake/personal-data.ts'
import { readOldReceiptIds } from '../../journal/old-events.ts'
import { referEvents } from '../../journal/personal-data.ts'
import type { Vault } from '../../privacy/encryption/vault.ts'
import type { Pruned, PruneOrder, RetentionRule } from '../../privacy/erasure/retention.ts'
import type { Settings } from '../../settings/load-settings.ts'

/** The settings by which one class of data each is let go. */
type RetentionSettings = Pick<
  Settings,
  | 'retentionPersonalDays'
  | 'retentionRawDays'
  | 'retentionQuarantineDays'
  | 'retentionConflictsDays'
  | 'retentionFilesDays'
  | 'retentionAttemptsDays'
  | 'retentionPeopleDays'
>

/** What is sealed is not let go without a note that only the holder of the keys can write. */
export function retentionNeedsVault(settings: RetentionSettings): boolean {
  const { retentionPersonalDays, retentionRawDays, retentionQuarantineDays, retentionConflictsDays } = settings
  return retentionPersonalDays + retentionRawDays + retentionQuarantineDays + retentionConflictsDays > 0
}

/** The rules of the settings; a class that is kept for ever has none. `vault`: where `retentionNeedsVault` says so. */
export function retentionRules(
  settings: RetentionSettings,
  vault: Pick<Vault, 'references' | 'vouch'> | undefined,
): RetentionRule[] {
  const sealed: RetentionRule[] = vault
    ? [
        {
          dataClass: 'personal',
          days: settings.retentionPersonalDays,
          prune: alongEvents(readOldReceiptIds, (db, ids) => referEvents(db, ids, vault.references)),
        },
        {
          dataClass: 'raw',
          days: settings.retentionRawDays,
          prune: alongEvents(readOldReceiptIds, emptying('raw', vault)),
        },
        {
          dataClass: 'quarantine',
          days: settings.retentionQuarantineDays,
          isOfNobodyKnown: true,
          prune: ofCases('quarantine', vault),
        },
        { dataClass: 'conflicts', days: settings.retentionConflictsDays, prune: ofCases('conflicts', vault) },
      ]
    : []
  const rules: RetentionRule[] = [
    ...sealed,
    { dataClass: 'files', days: settings.retentionFilesDays, isOfNobodyKnown: true, prune: deleting(deleteOldFiles) },
    {
      dataClass: 'attempts',
      days: settings.retentionAttemptsDays,
      prune: alongEvents(readEventsOfOldAttempts, deleteAttempts),
    },
    { dataClass: 'people', days: settings.retentionPeopleDays, prune: deleting(forgetPeople) },
  ]
  return rules.filter(({ days }) => days > 0)
}

type Prune = RetentionRule['prune']

type Work = (db: ClientBase, recordIds: readonly string[], cutAt: Date) => Promise<number>

/** Empties raw records, and notes which in the same transaction. */
function emptying(dataClass: string, { vouch }: Pick<Vault, 'vouch'>): Work {
  return async (client, recordIds, cutAt) => {
    const portion = randomUUID()
    const emptied = await emptyRaws(client, recordIds, portion)
    await noteEmptied(client, vouch, portion, { cause: 'retention', dataClass, cutAt: cutAt.toISOString() })
    return emptied
  }
}

/** Old events after a place, and where the portion ends. */
type ReadEvents = (
  db: ClientBase,
  order: Pick<PruneOrder, 'cutAt' | 'place' | 'limit'>,
) => Promise<{ eventIds: string[]; place?: string; more: boolean }>

/** Walks along events; those that are held are passed over until the hold is removed. */
function alongEvents(read: ReadEvents, work: Work): Prune {
  return async (client, order: PruneOrder): Promise<Pruned> => {
    const { eventIds, place, more } = await read(client, order)
    const held = await findHeldRecords(client, eventIds, order.held)
    const pruned = await work(
      client,
      eventIds.filter((id) => !held.has(id)),
      order.cutAt,
    )
    return { pruned, more, ...(place !== undefined && { place }) }
  }
}

function ofCases(table: 'quarantine' | 'conflicts', vault: Pick<Vault, 'vouch'>): Prune {
  const empty = emptying(table, vault)
  return async (client, order) => {
    const found = await findOldCases(client, table, order)
    const pruned = await empty(client, found, order.cutAt)
    return { pruned, more: pruned > 0 && found.length === order.limit }
  }
}

function deleting(work: (db: ClientBase, before: Date, countMax: number) => Promise<number>): Prune {
  return async (client, { cutAt, limit }) => {
    const pruned = await work(client, cutAt, limit)
    return { pruned, more: pruned === limit }
  }
}
