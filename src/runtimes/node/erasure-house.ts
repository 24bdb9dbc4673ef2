import { join } from 'node:path'
import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../../audit/acts.ts'
import { forgetPerson } from '../../buses/postgres/forget-person.ts'
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
import type { Settings } from '../../settings/load-settings.ts'

export interface HouseOptions {
  pool: Pool
  vault: Vault
  settings: Pick<Settings, 'dataDirectory' | 'tombstoneFile' | 'busTopicPrefix' | 'deliveryAttemptTimeoutMs'>
  logger: Logger
  notify?(): void
}

const settleMarginMs = 5_000
const cachedKeyMs = 60_000

/** Everything of this installation that keeps personal data, put together for an erasure. The journal comes first: it knows names. */
export function erasureHouse({ pool, vault, settings, logger, notify }: HouseOptions): ErasureHouse {
  const file = settings.tombstoneFile || join(settings.dataDirectory, 'tombstones.ndjson')
  return {
    pool,
    vault,
    holders: [
      journalPersonalData,
      intakePersonalData,
      deliveryPersonalData,
      filesPersonalData,
      busPersonalData(topicOf({ topicPrefix: settings.busTopicPrefix })),
    ],
    tombstones: new TombstoneFile(file, vault),
    recordAct,
    appendErased,
    ...(notify && { notify }),
    logger,
    settleMs: Math.max(cachedKeyMs, settings.deliveryAttemptTimeoutMs) + settleMarginMs,
  }
}

/** Messages of others on the bus of PostgreSQL. What the hub publishes itself never has a name in it. */
function busPersonalData(ownTopic: string): PersonalDataHolder {
  return {
    name: 'bus',
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
