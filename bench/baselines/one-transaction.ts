import type { Pool } from 'pg'
import type { IntakeStore, ReceiptRecord } from '../../src/intake/record.ts'
import { shardOf } from '../../src/journal/shard.ts'
import type { Vault } from '../../src/privacy/encryption/vault.ts'

/** The store that one would write at first: a transaction for each request, with an insert for each table. The rows are the same. */
export function createOneTransactionStore(pool: Pool, vault: Vault, rest: IntakeStore): IntakeStore {
  return {
    ...rest,
    insertReceipts: async (receipts) => {
      const recorded = new Map<string, string>()
      for (const receipt of receipts) {
        const at = await insertOne(pool, vault, receipt)
        if (at !== undefined) recorded.set(receipt.transactionId, at)
      }
      return recorded
    },
  }
}

async function insertOne(pool: Pool, vault: Vault, receipt: ReceiptRecord): Promise<string | undefined> {
  const { transaction } = receipt
  const sealed = await vault.seal({
    plain: receipt.bytes,
    associatedData: receipt.transactionId,
    ...(receipt.subject !== undefined && { subject: receipt.subject }),
  })
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query<{ recorded_at: Date }>({
      name: 'one-transaction-identity',
      text: `insert into transactions (transaction_id, transaction_key, content_hash, transaction_type, business_unit_id, workstation_id,
          series, sequence_number, business_day_date, currency, grand_total_minor, worst_finding, source, sender_id, recorded_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, clock_timestamp())
        on conflict do nothing returning recorded_at`,
      values: [
        receipt.transactionId,
        receipt.transactionKey,
        receipt.contentHash,
        transaction.transactionType,
        transaction.businessUnitId,
        transaction.workstationId,
        transaction.series,
        transaction.sequenceNumber,
        transaction.businessDayDate,
        transaction.currency,
        receipt.grandTotalMinor?.toString(),
        null,
        receipt.source,
        receipt.senderId,
      ],
    })
    await client.query({
      name: 'one-transaction-raw',
      text: 'insert into raw_records (record_id, key_id, fidelity, sealed) values ($1, $2, $3, $4)',
      values: [receipt.transactionId, sealed.keyId, receipt.fidelity, sealed.bytes],
    })
    await client.query({
      name: 'one-transaction-event',
      text: `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data, recorded_at)
        values ($1, $2, 'pos.transaction.recorded.v1', $3, $4, $5, clock_timestamp())`,
      values: [
        receipt.transactionId,
        shardOf(receipt.orderingKey),
        receipt.transactionKey,
        receipt.orderingKey,
        receipt.eventData,
      ],
    })
    await client.query('commit')
    return rows[0]?.recorded_at.toISOString()
  } finally {
    client.release()
  }
}
