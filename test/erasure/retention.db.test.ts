import { afterAll, beforeAll, expect, it } from 'vitest'
import { erase } from '../../src/privacy/erasure/erase.ts'
import { addHold, removeHold } from '../../src/privacy/erasure/holds.ts'
import { applyRetention, readRetentionCuts } from '../../src/privacy/erasure/retention.ts'
import { readSubject } from '../../src/privacy/erasure/subject.ts'
import { retentionRules } from '../../src/runtimes/node/retention-rules.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { dumpText, type ErasableHub, openErasableHub } from './erasable-hub.ts'
import { saleTo } from './person.ts'

const dayMs = 86_400_000
let database: TestDatabase
let hub: ErasableHub

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await openErasableHub(database.pool)
})
afterAll(async () => {
  await hub?.close()
  await database?.drop()
})

const days = {
  retentionPersonalDays: 10,
  retentionRawDays: 20,
  retentionQuarantineDays: 20,
  retentionConflictsDays: 20,
  retentionFilesDays: 20,
  retentionAttemptsDays: 20,
}

async function prune(afterDays: number): Promise<Record<string, number>> {
  const { settings } = loadSettings({ overrides: { ...days } })
  const pruned: Record<string, number> = {}
  for (const rule of retentionRules(settings, hub.vault)) {
    for (let more = true; more; ) {
      const done = await applyRetention(hub.pool, rule, Date.now() + afterDays * dayMs)
      pruned[rule.dataClass] = (pruned[rule.dataClass] ?? 0) + done.pruned
      more = done.more
    }
  }
  return pruned
}

it('keeps everything where nothing is said', () => {
  expect(retentionRules(loadSettings().settings, hub.vault)).toEqual([])
})

it('lets each class go when its days are over, what is held later, and amounts never', async () => {
  await hub.send(saleTo(1, { customerId: 'C-OLD-1' }))
  await hub.send(saleTo(2, { customerId: 'C-HELD-2' }))
  await hub.send(saleTo(1, { customerId: 'C-OLD-1', grandTotal: '4.99' }))
  await hub.send(JSON.stringify({ ...saleTo(3, { customerId: 'C-OLD-3' }), currency: 'XXQ' }))
  await hub.pool.query(`insert into files (file_id, name, source, sender_id, state, finished_at)
    values (gen_random_uuid(), 'old.xml', 'poslog', 'test', 'done', now()), (gen_random_uuid(), 'open.xml', 'poslog', 'test', 'held', null)`)
  const subject = readSubject('customer:C-HELD-2')
  const hold = await addHold(hub.house, { subject, reason: 'lawsuit', actor: 'cli:test' })

  expect(await prune(5)).toEqual({ personal: 0, raw: 0, quarantine: 0, conflicts: 0, files: 0, attempts: 0 })
  expect(await prune(15)).toMatchObject({ personal: 1, raw: 0 })
  let dump = await dumpText(hub.pool)
  expect(dump).not.toContain('C-OLD-1')
  expect(dump).toContain('C-HELD-2')

  expect(await prune(25)).toEqual({ personal: 0, raw: 1, quarantine: 1, conflicts: 1, files: 1, attempts: 0 })
  const { rows } = await hub.pool.query<{ fidelity: string; bytes: number; count: number }>(
    'select fidelity, min(octet_length(sealed)) as bytes, count(*)::int as count from raw_records group by fidelity order by fidelity',
  )
  expect(rows).toMatchObject([
    { fidelity: 'erased', bytes: 0, count: 3 },
    { fidelity: 'verbatim', count: 1 },
  ])
  expect((await readRetentionCuts(hub.pool)).map(({ dataClass }) => dataClass)).toContain('raw')

  await removeHold(hub.house, { holdId: hold.holdId, reason: 'over', actor: 'cli:test' })
  expect(await prune(25)).toMatchObject({ personal: 1, raw: 1 })
  dump = await dumpText(hub.pool)
  expect(dump).not.toContain('C-HELD-2')
  const totals = await hub.pool.query(
    'select count(*)::int as count, sum(grand_total_minor)::int as sum from transactions',
  )
  expect(totals.rows).toEqual([{ count: 2, sum: 1000 }])
  // Whose the emptied records were is still known.
  expect(await erase(hub.house, { subject, reason: 'asked', actor: 'cli:test' })).toMatchObject({
    counts: { receipts: 1 },
  })
})

it('lets nothing go while everything is held', async () => {
  await hub.send(saleTo(10, { customerId: 'C-OLD-10' }))
  const { holdId } = await addHold(hub.house, { reason: 'tax audit', actor: 'cli:test' })
  expect(await prune(30)).toEqual({ personal: 0, raw: 0, quarantine: 0, conflicts: 0, files: 0, attempts: 0 })
  await removeHold(hub.house, { holdId, reason: 'over', actor: 'cli:test' })
  expect(await prune(30)).toMatchObject({ personal: 1, raw: 1 })
})
