import { expect, it } from 'vitest'
import { useDeliveryDatabase } from '../testing/database/delivery-database.ts'
import { makeSale } from '../testing/receipts.ts'
import { findReceipts, findReceiptsText, type ReceiptFilter, readSettledXid } from './find.ts'

const database = useDeliveryDatabase()
const eventsCount = 6_000
const storesCount = 60

/** Receipts of many stores and two days, one after another, as they come. */
async function fill(): Promise<void> {
  const [monday, tuesday] = ['2026-03-02', '2026-03-03'].map((businessDayDate) =>
    JSON.stringify({ transaction: makeSale(1, { businessDayDate }), findings: [] }),
  )
  await database.pool.query(
    `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
     select gen_random_uuid(), n % 64, 'pos.transaction.recorded.v1', 'till:' || n, n % $1 || '/1',
       case when n <= $2 / 2 then $3::json else $4::json end
     from generate_series(1, $2) as n`,
    [storesCount, eventsCount, monday, tuesday],
  )
}

interface PlanNode {
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows': number
  'Rows Removed by Filter'?: number
  Plans?: PlanNode[]
}
const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** How many events a statement looks at, and by which index. */
async function look(filter: ReceiptFilter): Promise<{ events: number; index: string | undefined }> {
  const { pool } = database
  const stretch = { after: { xid: '0', position: '0' }, untilXid: await readSettledXid(pool), eventsMax: 20_000 }
  const { text, values } = findReceiptsText(filter, stretch)
  const { rows } = await pool.query(`explain (analyze, format json) ${text}`, values)
  const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan)
  const scan = nodes.find((node) => node['Relation Name'] === 'journal_events')
  const index = nodes.find((node) => node['Index Name'] !== undefined)?.['Index Name']
  return { events: (scan?.['Actual Rows'] ?? 0) + (scan?.['Rows Removed by Filter'] ?? 0), index }
}

it('receipts of a store, and of a day of it, are found without a look at those of all others', async () => {
  await fill()
  // Also before the table was analysed for the first time.
  for (const isAnalysed of [false, true]) {
    if (isAnalysed) await database.pool.query('analyze journal_events')
    const store = { events: eventsCount / storesCount, index: 'journal_events_by_store' }
    expect(await look({ businessUnitId: '7' })).toEqual(store)
    expect(await look({ businessUnitId: '7', businessDayDate: '2026-03-03' })).toEqual(store)
    expect((await look({ businessDayDate: '2026-03-03' })).events).toBe(eventsCount)
  }
})

it('is found page by page, in journal order, each once', async () => {
  await fill()
  const { pool } = database
  const untilXid = await readSettledXid(pool)
  const filter = { businessUnitId: '7', businessDayDate: '2026-03-03' }
  const found: string[] = []
  let [pages, after] = [0, { xid: '0', position: '0' }]
  for (;;) {
    const page = await findReceipts(pool, filter, { after, untilXid, eventsMax: 9 })
    found.push(...page.found.map((one) => one.eventId))
    if (!page.end) break
    pages += 1
    after = page.end
  }
  const { rows } = await pool.query<{ event_id: string }>(
    `select event_id from journal_events where ordering_key = '7/1' and data -> 'transaction' ->> 'businessDayDate' = '2026-03-03'
     order by xid, position`,
  )
  expect(rows).toHaveLength(eventsCount / storesCount / 2)
  expect(found).toEqual(rows.map((row) => row.event_id))
  expect(pages).toBe(Math.ceil(eventsCount / storesCount / 9))
})
