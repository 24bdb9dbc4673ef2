import type { Pool } from 'pg'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { eventTypes } from '../../src/journal/event.ts'
import { shardOf } from '../../src/journal/shard.ts'
import { makeSale } from '../../src/testing/receipts.ts'

/** Tills that take turns in a journal that is filled past the intake. */
export const appendingTills = 100

/** So many goods at 5.00, paid in cash. It balances, since what does not is not booked. */
function makeLongSale(sequenceNumber: number, workstationId: string, goodsLines: number): Transaction {
  const sale = makeSale(sequenceNumber, { workstationId })
  const goods = sale.lines.filter((line) => line.lineType === 'SALE')
  const lines = Array.from({ length: goodsLines }, (_, index) =>
    goods.map((line) => ({ ...line, lineNumber: index + 1 })),
  ).flat()
  const amount = `${goodsLines * 5}.00`
  const tender = { lineNumber: goodsLines + 1, lineType: 'TENDER', tenderType: 'CASH', amount } as const
  const taxTotal = (goodsLines * 0.8).toFixed(2)
  return { ...sale, lines: [...lines, tender], totals: { grandTotal: amount, taxTotal } }
}

/** A sale of every till for each number from `first` to `last`. */
export interface Appended {
  first: number
  last: number
  goodsLines: number
}

/** The transaction keys of the sales that are appended as number `first` and the following, up to `last`. */
export function* appendedKeys(first: number, last: number): Iterable<string> {
  for (let number = first; number <= last; number += 1)
    for (let till = 1; till <= appendingTills; till += 1) yield `till:9/${till}/-/${number}`
}

/** Appends sales to the journal as the intake would, but all in one statement: what comes before delivery is not what is measured. */
export async function appendSales(pool: Pool, { first, last, goodsLines }: Appended): Promise<void> {
  const tills = Array.from({ length: appendingTills }, (_, index) => String(index + 1))
  const keys = tills.map((till) => `9/${till}`)
  const data = tills.map((till) => JSON.stringify({ transaction: makeLongSale(0, till, goodsLines), findings: [] }))
  await pool.query(
    `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
     select gen_random_uuid(), t.shard, $5, 'till:' || t.key || '/-/' || n, t.key,
       replace(t.data, '"sequenceNumber":0', '"sequenceNumber":' || n)::json
     from generate_series($6::int, $7::int) as n cross join unnest($1::text[], $2::text[], $3::smallint[], $4::text[]) as t (till, key, shard, data)
     order by n, t.till`,
    [tills, keys, keys.map(shardOf), data, eventTypes.recorded, first, last],
  )
  await pool.query('notify tillflow_journal')
}
