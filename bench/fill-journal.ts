import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Transaction } from '../src/domain/transaction/transaction.ts'
import { eventTypes } from '../src/journal/event.ts'
import { shardOf } from '../src/journal/shard.ts'

/** Rows of one statement. */
const batchMax = 1_000

/** Receipts as events of so many tills, in turn. Every one is for the books: a skipped one would cost less. */
export async function fillJournal(pool: Pool, receipts: readonly Transaction[], tillsCount: number): Promise<void> {
  for (let from = 0; from < receipts.length; from += batchMax) {
    const batch = receipts.slice(from, from + batchMax)
    const keys = batch.map((_, index) => `101/${(from + index) % tillsCount}`)
    await pool.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
       select * from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::json[])`,
      [
        batch.map(() => randomUUID()),
        keys.map(shardOf),
        batch.map(() => eventTypes.recorded),
        batch.map((_, index) => `till:101/${from + index}`),
        keys,
        batch.map((receipt) => {
          const transaction = { ...receipt, transactionType: 'SALE', status: 'COMPLETED', trainingMode: false }
          return JSON.stringify({ transaction, findings: [] })
        }),
      ],
    )
  }
}
