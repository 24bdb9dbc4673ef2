import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import type { Answer } from '../../src/intake/answer.ts'
import { createIntake } from '../../src/intake/create-intake.ts'
import type { Intake } from '../../src/intake/intake.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import type { IntakeStore } from '../../src/intake/record.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import type { Vault } from '../../src/privacy/encryption/vault.ts'
import type { ErasureHouse } from '../../src/privacy/erasure/house.ts'
import { erasureHouse } from '../../src/runtimes/node/erasure-house.ts'
import { tillflow } from '../../src/sources/tillflow/source.ts'
import { testStore } from '../../src/testing/receipts.ts'

/** Intake and everything that an erasure needs, on one database. */
export interface ErasableHub {
  pool: Pool
  vault: Vault
  intake: Intake
  house: ErasureHouse
  send(document: object | string): Promise<Answer>
  close(): Promise<void>
}

export interface HubOptions {
  masterKey?: KeyObject
  /** Default: a directory of its own. */
  tombstoneFile?: string
  /** Where its intake records; default: its database. */
  store?: IntakeStore
}

export async function openErasableHub(pool: Pool, options: HubOptions = {}): Promise<ErasableHub> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-erasure-'))
  const { masterKey = createSecretKey(randomBytes(32)), tombstoneFile = join(directory, 'tombstones.ndjson') } = options
  const vault = await openVault({ pool, masterKey, logger: silentLogger })
  const settings = {
    dataDirectory: directory,
    tombstoneFile,
    busTopicPrefix: 'tillflow',
    deliveryAttemptTimeoutMs: 1_000,
    personKeysCachedMs: 60_000,
  }
  const house = { ...erasureHouse({ pool, vault, settings, logger: silentLogger }), settleMs: 0 }
  const intake = createIntake({
    store: options.store ?? createPostgresIntakeStore(pool, vault),
    clock: systemClock,
    profileOf: () => testStore,
    groupSizeMax: 64,
    groupsInFlightMax: 2,
    queueMax: 10_000,
  })
  return {
    pool,
    vault,
    intake,
    house,
    send: (document) => {
      const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
      const result = tillflow.readDocument?.(bytes, { store: () => testStore })
      if (!result) throw new RangeError('it is nothing that is kept')
      return intake.record({ source: 'tillflow', result, fidelity: 'verbatim', senderId: 'test' })
    },
    close: async () => {
      await intake.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** What a till sends: a transaction without what the hub sets itself. */
export function asSent({ schemaVersion: _, businessDayDateSource: __, ...document }: Transaction): object {
  return document
}

/** Every row of every table as text, as a dump has it; binary columns as hexadecimal, whose plain text is looked at too. */
export async function dumpText(pool: Pool): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`,
  )
  const parts: string[] = []
  for (const { name } of tables) {
    const { rows } = await pool.query<{ text: string }>(`select t::text as text from ${name} t`)
    for (const { text } of rows) {
      parts.push(`${name}\t${text}`)
      for (const [, hex = ''] of text.matchAll(/\\x([0-9a-f]{2,})/g))
        parts.push(Buffer.from(hex, 'hex').toString('latin1'))
    }
  }
  return parts.join('\n')
}
