import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { appendTestEvents } from '../testing/journal.ts'
import { makeSale, testStore } from '../testing/receipts.ts'
import { countMissingNumbers, readOpenGaps } from './queries.ts'
import { trackNumbers } from './track-numbers.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

let till = 0
const record = async (workstationId: string, numbers: readonly number[], changes: object = {}) => {
  const events = numbers.map((number) => ({
    orderingKey: `9/${workstationId}`,
    shard: 0,
    transaction: makeSale(number, { workstationId, ...changes }),
  }))
  await appendTestEvents(database.pool, events)
  while ((await trackNumbers(database.pool, () => testStore)) > 0);
}
const gapsOf = async (workstationId: string) =>
  (await readOpenGaps(database.pool))
    .filter((gap) => gap.workstationId === workstationId)
    .map((gap) => [Number(gap.firstNumber), Number(gap.lastNumber)])

describe('missing till numbers', () => {
  it('are named, narrowed and closed as receipts come late', async () => {
    await record('a', [1, 2, 6])
    expect(await gapsOf('a')).toEqual([[3, 5]])
    await record('a', [4])
    expect((await gapsOf('a')).toSorted()).toEqual([
      [3, 3],
      [5, 5],
    ])
    await record('a', [5, 3])
    expect(await gapsOf('a')).toEqual([])
  })

  it('are those of each till and series by itself', async () => {
    await record('b', [10, 12])
    await record('b', [1, 2], { series: 'R2' })
    expect(await gapsOf('b')).toEqual([[11, 11]])
  })

  it('are not there where a number was kept in quarantine', async () => {
    await record('c', [1, 3])
    await database.pool.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
       values (gen_random_uuid(), 0, 'pos.transaction.quarantined.v1', 'q', '9/c',
         '{"quarantineId":"q","source":"tillflow","problem":"schema-violation","businessUnitId":"9","workstationId":"c","sequenceNumber":2}')`,
    )
    await trackNumbers(database.pool, () => testStore)
    expect(await gapsOf('c')).toEqual([])
  })

  it('are exactly what is missing, in whatever order and batches numbers come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (numbers, size) => {
          const workstationId = `p${till++}`
          const before = await countMissingNumbers(database.pool)
          for (let from = 0; from < numbers.length; from += size)
            await record(workstationId, numbers.slice(from, from + size))
          const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
          const expected = most - least + 1 - numbers.length
          expect((await countMissingNumbers(database.pool)) - before).toBe(expected)
        },
      ),
      { numRuns: 15 },
    )
  })
})
