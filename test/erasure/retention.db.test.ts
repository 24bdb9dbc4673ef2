import type { ClientBase } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { erase } from '../../src/privacy/erasure/erase.ts'
import { addHold, removeHold } from '../../src/privacy/erasure/holds.ts'
import {
  applyRetention,
  type PruneOrder,
  type RetentionRule,
  readRetentionCuts,
} from '../../src/privacy/erasure/retention.ts'
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
  retentionPeopleDays: 20,
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

/** Two attempts at every event so far, of which the target said something; says how many. */
async function attemptEverything(): Promise<number> {
  await hub.pool.query(`insert into delivery_targets (name, connector) values ('erp', 'file') on conflict do nothing`)
  const { rowCount } = await hub.pool.query(
    `insert into delivery_attempts (target_id, event_id, attempt, outcome, reason, duration_ms, worker_id)
     select target_id, event_id, attempt, 'retry', 'no such customer', 1, 'test'
     from delivery_targets, journal_events, generate_series(1, 2) as attempt where event_type = 'pos.transaction.recorded.v1'`,
  )
  return rowCount ?? 0
}

it('keeps everything where nothing is said, but for who of the staff has gone', () => {
  const rules = retentionRules(loadSettings().settings, hub.vault)
  expect(rules.map(({ dataClass, days }) => [dataClass, days])).toEqual([['people', 400]])
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

  expect(await prune(5)).toEqual({ personal: 0, raw: 0, quarantine: 0, conflicts: 0, files: 0, attempts: 0, people: 0 })
  expect(await prune(15)).toMatchObject({ personal: 1, raw: 0 })
  let dump = await dumpText(hub.pool)
  expect(dump).not.toContain('C-OLD-1')
  expect(dump).toContain('C-HELD-2')

  const attempted = await attemptEverything()
  expect(attempted).toBe(4)
  // Nobody knows whom an upload or a file is about, so all of them stay for the one who is held.
  expect(await prune(25)).toEqual({
    personal: 0,
    raw: 1,
    quarantine: 0,
    conflicts: 1,
    files: 0,
    attempts: 2,
    people: 0,
  })
  const stayed = await hub.pool.query(
    `select distinct data::text like '%C-HELD-2%' as "isHeld" from delivery_attempts join journal_events using (event_id)`,
  )
  expect(stayed.rows).toEqual([{ isHeld: true }])
  const { rows } = await hub.pool.query<{ fidelity: string; bytes: number; count: number }>(
    'select fidelity, min(octet_length(sealed)) as bytes, count(*)::int as count from raw_records group by fidelity order by fidelity',
  )
  expect(rows).toMatchObject([
    { fidelity: 'erased', bytes: 0, count: 2 },
    { fidelity: 'verbatim', count: 2 },
  ])
  const cut = (await readRetentionCuts(hub.pool)).map(({ dataClass }) => dataClass)
  expect(cut).toContain('raw')

  await removeHold(hub.house, { holdId: hold.holdId, reason: 'over', actor: 'cli:test' })
  expect(await prune(25)).toMatchObject({ personal: 1, raw: 1, quarantine: 1, conflicts: 0, files: 1, attempts: 2 })
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
  expect(await prune(30)).toEqual({
    personal: 0,
    raw: 0,
    quarantine: 0,
    conflicts: 0,
    files: 0,
    attempts: 0,
    people: 0,
  })
  await removeHold(hub.house, { holdId, reason: 'over', actor: 'cli:test' })
  expect(await prune(30)).toMatchObject({ personal: 1, raw: 1 })
})

it('passes over more conflicts of somebody who is held than one portion has, and goes on behind them', async () => {
  const held = readSubject('customer:C-HELD-20')
  await hub.send(saleTo(20, { customerId: 'C-HELD-20' }))
  await hub.send(saleTo(21, { customerId: 'C-OLD-21' }))
  const other = (number: number, customerId: string, cents: number) =>
    hub.send(saleTo(number, { customerId, grandTotal: `3.${cents}` }))
  for (const cents of [10, 11, 12]) await other(20, 'C-HELD-20', cents)
  await other(21, 'C-OLD-21', 13)
  const { holdId } = await addHold(hub.house, { subject: held, reason: 'lawsuit', actor: 'cli:test' })
  const { settings } = loadSettings({ overrides: { retentionConflictsDays: 20 } })
  const [rule] = retentionRules(settings, hub.vault)
  const small = rule && {
    ...rule,
    prune: (client: ClientBase, order: PruneOrder) => rule.prune(client, { ...order, limit: 2 }),
  }
  if (!small) throw new RangeError('there is a rule for conflicts')
  expect(await applyRetention(hub.pool, small, Date.now() + 25 * dayMs)).toMatchObject({ pruned: 1 })
  await removeHold(hub.house, { holdId, reason: 'over', actor: 'cli:test' })
  expect(await applyRetention(hub.pool, small, Date.now() + 25 * dayMs)).toEqual({ pruned: 2, more: true })
})

it('begins a hold when the portion that is being let go has ended', async () => {
  const ended: string[] = []
  let letGo = () => {}
  const rule: RetentionRule = {
    ...{ dataClass: 'never-before', days: 1 },
    prune: async () => {
      await new Promise<void>((resolve) => {
        letGo = resolve
        ended.push('begun')
      })
      ended.push('pruned')
      return { pruned: 0, more: false }
    },
  }
  const pruning = applyRetention(hub.pool, rule, Date.now())
  await expect.poll(() => ended).toEqual(['begun'])
  const holding = addHold(hub.house, { reason: 'tax audit', actor: 'cli:test' }).then(({ holdId }) => {
    ended.push('held')
    return holdId
  })
  const waiting = `select count(*)::int as count from pg_locks where not granted and relation = 'retention_cuts'::regclass`
  const { pool } = hub
  await expect
    .poll(async () => (await pool.query(waiting)).rows[0]?.count)
    .toBe(1)
    .finally(() => letGo())
  const holdId = await holding
  await pruning
  expect(ended).toEqual(['begun', 'pruned', 'held'])
  await removeHold(hub.house, { holdId, reason: 'over', actor: 'cli:test' })
})
