import { join } from 'node:path'
import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../../audit/acts.ts'
import { noteEmptied } from '../../audit/emptied.ts'
import { forgetPerson } from '../../buses/postgres/forget-person.ts'
import { rewriteMessages } from '../../buses/postgres/rewrite-messages.ts'
import type { Logger } from '../../contract/logger.ts'
import { deliveryPersonalData } from '../../delivery/personal-data.ts'
import { filesPersonalData } from '../../files/personal-data.ts'
import { intakePersonalData } from '../../intake/personal-data.ts'
import { appendErased } from '../../journal/append-erased.ts'
import { journalPersonalData } from '../../journal/personal-data.ts'
import { topicOf } from '../../journal/relay/message.ts'
import type { Vault } from '../../privacy/encryption/vault.ts'
import type { PersonalDataHolder } from '../../privacy/erasure/holder.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'
import { TombstoneFile } from '../../privacy/erasure/tombstone-file.ts'
import { referFreeText } from '../../privacy/refer-free-text.ts'
import type { Reference } from '../../privacy/references.ts'
import type { Settings } from '../../settings/load-settings.ts'

export interface HouseOptions {
  pool: Pool
  vault: Vault
  settings: Pick<
    Settings,
    'dataDirectory' | 'tombstoneFile' | 'busTopicPrefix' | 'deliveryAttemptTimeoutMs' | 'personKeysCachedMs'
  >
  logger: Logger
  notify?(): void
}

const settleMarginMs = 5_000

export type TombstoneSettings = Pick<Settings, 'dataDirectory' | 'tombstoneFile'>

export function tombstoneFileOf({ tombstoneFile, dataDirectory }: TombstoneSettings): string {
  return tombstoneFile || join(dataDirectory, 'tombstones.ndjson')
}

/** Everything of this installation that keeps personal data, put together for an erasure. The journal comes first: it knows names. */
export function erasureHouse({ pool, vault, settings, logger, notify }: HouseOptions): ErasureHouse {
  return {
    pool,
    vault,
    holders: [
      journalPersonalData,
      intakePersonalData,
      deliveryPersonalData,
      filesPersonalData,
      busPersonalData(vault.references, topicOf({ topicPrefix: settings.busTopicPrefix })),
    ],
    tombstones: new TombstoneFile(tombstoneFileOf(settings), vault),
    recordAct,
    noteEmptied: (client, portion, erasureId) =>
      noteEmptied(client, vault.vouch, portion, { cause: 'person', erasureId }),
    appendErased,
    ...(notify && { notify }),
    logger,
    settleMs: Math.max(settings.personKeysCachedMs, settings.deliveryAttemptTimeoutMs) + settleMarginMs,
  }
}

/** On the bus of PostgreSQL: free text in what the hub itself has published, which has no names in its fields, and messages of others. */
function busPersonalData(refer: Reference, ownTopic: string): PersonalDataHolder {
  return {
    name: 'bus',
    rewrite: async (db, recordIds) => {
      const rewrite = (body: string) => referFreeText(body, refer)
      return { busTexts: await rewriteMessages(db, { topic: ownTopic, eventIds: recordIds, rewrite }) }
    },
    sweep: async (db: ClientBase, after, { names }) => {
      if (!names) return { counts: {} }
      const search = { isIn: (text: string) => names.isIn(text), ownTopics: [ownTopic] }
      const { deleted, ahead, next } = await forgetPerson(db, after, search)
      return {
        counts: { busMessages: deleted, busMessagesAhead: ahead },
        ...(next !== undefined && { next }),
      }
    },
  }
}
