import type { Pool } from 'pg'

/** Tables with the columns and indexes of intake's own, for an insert that does nothing else. */
export async function createBareTables(pool: Pool): Promise<void> {
  for (const table of ['transactions', 'raw_records', 'journal_events']) {
    await pool.query(`create table if not exists bare_${table} (like ${table} including all)`)
  }
}

interface BareRow {
  transactions: unknown[]
  raw_records: unknown[]
  journal_events: unknown[]
}

const columns = {
  transactions:
    'transaction_id, transaction_key, content_hash, transaction_type, business_unit_id, workstation_id, series, sequence_number, business_day_date, currency, grand_total_minor, worst_finding, source, sender_id, recorded_at',
  raw_records: 'record_id, key_id, fidelity, sealed',
  journal_events: 'event_id, shard, event_type, subject, ordering_key, data, recorded_at',
} as const

/** The multi-row INSERT that anybody would write: the same rows into the same tables, one transaction for each chunk. */
export async function insertBare(pool: Pool, rows: readonly BareRow[], chunkRows: number): Promise<void> {
  for (let from = 0; from < rows.length; from += chunkRows) {
    const chunk = rows.slice(from, from + chunkRows)
    const client = await pool.connect()
    try {
      await client.query('begin')
      for (const table of ['transactions', 'raw_records', 'journal_events'] as const) {
        const width = columns[table].split(',').length
        const tuples = chunk.map(
          (_, row) => `(${Array.from({ length: width }, (_, column) => `$${row * width + column + 1}`).join(',')})`,
        )
        await client.query(
          `insert into bare_${table} (${columns[table]}) values ${tuples.join(',')}`,
          chunk.flatMap((row) => row[table]),
        )
      }
      await client.query('commit')
    } finally {
      client.release()
    }
  }
}
