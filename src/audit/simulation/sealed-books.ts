import { createSecretKey, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import { silentLogger } from '../../contract/logger.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { createIntake } from '../../intake/create-intake.ts'
import type { Upload } from '../../intake/intake.ts'
import { createPostgresIntakeStore } from '../../intake/postgres-store.ts'
import { openVault } from '../../privacy/encryption/open-vault.ts'
import { createReferences } from '../../privacy/references.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { appendTestEvents } from '../../testing/journal.ts'
import { makeSale, testStore } from '../../testing/receipts.ts'
import { recordAct } from '../acts.ts'
import { type SealWhenDue, sealWhenDue } from '../seal/seal-when-due.ts'

/** The keys that a real installation seals with. */
export function makeKeys(seed = 7) {
  const masterKey = createSecretKey(Buffer.alloc(32, seed))
  return { masterKey, auditKey: createSecretKey(Buffer.alloc(32, seed + 100)), refer: createReferences(masterKey) }
}

/** A database with receipts of customers and of nobody, conflicts, bare events and acts, and a way to have more of them and to seal them. */
export async function openBooks(options: Partial<SealWhenDue> = {}) {
  const database = await createTestDatabase()
  const { pool } = database
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-audit-'))
  const keys = makeKeys()
  const vault = await openVault({ pool, masterKey: keys.masterKey, logger: silentLogger })
  const intake = createIntake({
    store: createPostgresIntakeStore(pool, vault),
    clock: systemClock,
    profileOf: () => testStore,
    groupSizeMax: 4,
    groupsInFlightMax: 2,
    queueMax: 1_000,
  })
  const file = join(directory, 'checkpoints.log')
  const sealing: SealWhenDue = { ...keys, clock: systemClock, entriesMax: 10, everyMs: 0, file, ...options }
  let number = 0

  const books = {
    pool,
    url: database.url,
    ...keys,
    file,
    sealing,
    /** Records receipts as a till sends them: each third one a customer's, each eighth one contradicted. */
    async sell(count: number): Promise<void> {
      for (let end = number + count; number < end; ) {
        number += 1
        const customer =
          number % 3 ? {} : { customerId: `C-100-${number}`, extensions: { 'x:email': 'mo@example.org' } }
        const answers = [makeSale(number, customer)]
        if (number % 8 === 0) answers.push(makeSale(number, { ...customer, totals: { grandTotal: '6.00' } }))
        for (const sale of answers) await intake.record(uploadOf(sale))
      }
    },
    async act(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1)
        await recordAct(pool, {
          actor: 'cli:ada',
          act: 'target.pause',
          object: `target:erp-${index}`,
          ...(index % 2 === 0 && { reason: 'stock-taking' }),
          before: { state: 'active' },
          after: { state: 'paused' },
        })
    },
    async appendBare(count: number): Promise<void> {
      for (let index = 0; index < count; index += 1)
        await appendTestEvents(pool, [{ orderingKey: `9/${randomUUID()}`, shard: 3, transaction: makeSale(index + 1) }])
    },
    /** Seals until nothing is left. */
    async seal(): Promise<void> {
      while ((await sealWhenDue(pool, sealing)) > 0);
    },
    async close(): Promise<void> {
      await intake.close()
      await database.drop()
      await rm(directory, { recursive: true })
    },
  }
  return books
}

export type Books = Awaited<ReturnType<typeof openBooks>>

function uploadOf(transaction: Transaction): Upload {
  const bytes = Buffer.from(JSON.stringify(transaction))
  return {
    source: 'tillflow',
    senderId: 'test',
    fidelity: 'verbatim',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    result: { kind: 'transaction', transaction, findings: [], unknownValues: [], bytes },
  }
}

/** Lets somebody who owns the database do what its guards refuse, until the transaction ends. */
export async function asOwner(pool: Pool, work: (client: import('pg').PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('set local session_replication_role = replica')
    await work(client)
  } finally {
    await client.query('rollback')
    client.release()
  }
}
