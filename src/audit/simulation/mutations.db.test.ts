import type { PoolClient } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../../testing/seeded-random.ts'
import { readLine } from '../seal/checkpoint.ts'
import { type AuditReport, verifyAudit } from '../verify/verify-audit.ts'
import { type Expected, mutations } from './mutations.ts'
import { asOwner, type Books, openBooks } from './sealed-books.ts'
import { readSealedList, type SealedList } from './sealed-list.ts'

const attacksCount = 1_000
const seed = 20_260_302

let books: Books
let list: SealedList
beforeAll(async () => {
  books = await openBooks()
  for (let round = 0; round < 3; round += 1) {
    await books.sell(10)
    await books.act(4)
    await books.appendBare(2)
    await books.seal()
  }
  list = await readSealedList(books.pool)
})
afterAll(() => books.close())

/** What is wrong with the answer, in words. */
function judge({ fault }: AuditReport, expected: Expected): string | undefined {
  if (!fault) return 'not found'
  if (!expected.kinds.includes(fault.kind)) return `found as ${fault.kind}`
  if (expected.place !== undefined && fault.entry?.place !== expected.place) return `named ${fault.entry?.place}`
  if (expected.id !== undefined && fault.entry?.id !== expected.id) return 'named another one'
  if (expected.checkpoint !== undefined && fault.checkpoint !== expected.checkpoint)
    return `named checkpoint ${fault.checkpoint}`
  return undefined
}

/** The control: a check that believes the books where as many rows are there as were sealed. */
async function countsAgree(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ line: string }>(
    'select line from audit_checkpoints order by checkpoint_no desc limit 1',
  )
  const { rows: counts } = await client.query<{ count: number }>(
    `select ((select count(*) from journal_events) + (select count(*) from raw_records) + (select count(*) from audit_acts))::int as count`,
  )
  const last = readLine(rows[0]?.line ?? '')
  return last?.checkpoint.entriesInAll === counts[0]?.count
}

describe('I24: what was sealed does not change unnoticed', () => {
  it(`names the first bad entry after each of ${attacksCount} attacks, and finds nothing without one`, async () => {
    const random = seededRandom(seed)
    const names = Object.keys(mutations)
    const wrong: string[] = []
    const missedByCounting = new Map<string, number>()
    let falseAlarms = 0
    for (let number = 0; number < attacksCount; number += 1) {
      const name = names[number % names.length] ?? ''
      await asOwner(books.pool, async (client) => {
        const expected = await mutations[name]?.({ client, list, random })
        if (!expected) return
        const complaint = judge(await verifyAudit(client, books), expected)
        if (complaint) wrong.push(`attack ${number}, ${name}: ${complaint}, expected ${JSON.stringify(expected)}`)
        if (await countsAgree(client)) missedByCounting.set(name, (missedByCounting.get(name) ?? 0) + 1)
      })
      if (number % 50 === 0 && (await verifyAudit(books.pool, books)).fault) falseAlarms += 1
    }
    expect(wrong).toEqual([])
    expect(falseAlarms).toBe(0)
    // Were they all found by counting, they would prove nothing.
    expect([...missedByCounting.keys()]).toEqual(
      expect.arrayContaining(['flipData', 'flipCiphertext', 'swapPlaces', 'sealAnew']),
    )
    expect([...missedByCounting.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(attacksCount / 3)
  }, 300_000)
})
