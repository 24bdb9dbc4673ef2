import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../audit/acts.ts'
import { shardOf } from '../journal/shard.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale } from '../testing/receipts.ts'
import { readFingerprintGroups, retryGroup } from './parked-groups.ts'
import { ForgetfulBooks, startTarget, until } from './simulation/forgetful-target.ts'
import { readTargetStatus } from './status.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
const books = new ForgetfulBooks()
let isMended = false
const actor = 'token:1'
beforeAll(async () => {
  database = await createTestDatabase()
  await appendTestEvents(
    database.pool,
    Array.from({ length: 12 }, (_, number) => ({
      orderingKey: `9/${number}`,
      shard: shardOf(`9/${number}`),
      transaction: makeSale(number, { businessDayDate: number < 6 ? '2026-03-02' : '2026-03-03' }),
    })),
  )
  books.judge = ({ subject }) => {
    const number = Number(subject.split('/').at(-1))
    if (isMended || number === 11) return undefined
    const reason = number % 5 === 4 ? `tender "T${number}" has no account` : `HTTP 422: unknown item ${4_700 + number}`
    return { kind: 'rejected', reason }
  }
  const running = await startTarget(database.pool, books)
  await until(async () => (await readTargetStatus(database.pool))[0]?.pending === 0, 'all is judged')
  await running.stop()
})
afterAll(() => database.drop())

describe('parked events by cause', () => {
  it('are told with how many, since when, and examples; the largest group first', async () => {
    const groups = await readFingerprintGroups(database.pool, 'erp')
    expect(groups).toMatchObject([
      { target: 'erp', reasonCode: 'rejected', pattern: 'HTTP 422: unknown item <n>', count: 9, needsCheck: 0 },
      { target: 'erp', reasonCode: 'rejected', pattern: 'tender <value> has no account', count: 2 },
    ])
    const [first] = groups
    expect(first?.examples).toHaveLength(3)
    expect(first?.examples[0]).toMatch(/^till:9\//)
    expect(first?.exampleReason).toMatch(/unknown item 47\d\d$/)
    expect(Number(first?.lastAt)).toBeGreaterThanOrEqual(Number(first?.firstAt))
    expect(await readFingerprintGroups(database.pool)).toEqual(groups)
    expect(await readFingerprintGroups(database.pool, 'nobody')).toEqual([])
  })

  it('stay where they are when it cannot be written down who puts them back', async () => {
    const { pool } = database
    await pool.query("alter table audit_acts add constraint no_room check (act <> 'parked.retry')")
    const groups = await readFingerprintGroups(pool, 'erp')
    await expect(retryGroup(pool, { includeNeedsCheck: false, actor })).rejects.toMatchObject({ code: '23514' })
    expect(await readFingerprintGroups(pool, 'erp')).toEqual(groups)
    expect(await readActs(pool, 'target:erp')).toEqual([])
    await pool.query('alter table audit_acts drop constraint no_room')
  })

  it('go back into their lanes a cause, a day, a store or a few at a time, and it is written down', async () => {
    const [items, tenders] = await readFingerprintGroups(database.pool, 'erp')
    const of = { target: 'erp', includeNeedsCheck: false, actor }
    const retry = (request: object) => retryGroup(database.pool, { ...of, ...request })
    expect(await retry({ fingerprint: '000000000000' })).toBe(0)
    expect(await retry({ filter: { businessUnitId: '8' } })).toBe(0)
    expect(await retry({ fingerprint: tenders?.fingerprint, eventIds: ['00000000-0000-4000-8000-000000000000'] })).toBe(
      0,
    )
    expect(await retry({ fingerprint: tenders?.fingerprint })).toBe(2)
    expect(await retry({ fingerprint: items?.fingerprint, filter: { businessDayDate: '2026-03-02' } })).toBe(5)
    expect(await readFingerprintGroups(database.pool, 'erp')).toMatchObject([{ count: 4 }])
    isMended = true
    expect(await retry({})).toBe(4)
    const running = await startTarget(database.pool, books)
    await until(async () => (await readTargetStatus(database.pool))[0]?.delivered === 12, 'all is there')
    await running.stop()
    const acts = await readActs(database.pool, 'target:erp')
    expect(acts.at(-1)).toMatchObject({ actor, act: 'parked.retry', details: { retried: 4 } })
    expect(acts.at(-2)).toMatchObject({ details: { retried: 5, fingerprint: items?.fingerprint } })
  })
})
