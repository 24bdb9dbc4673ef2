import { createSecretKey, randomBytes } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../contract/clock.ts'
import { silentLogger } from '../contract/logger.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { openVault } from '../privacy/encryption/open-vault.ts'
import type { Vault } from '../privacy/encryption/vault.ts'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { makeSale, testStore } from '../testing/receipts.ts'
import { createIntake } from './create-intake.ts'
import type { Intake, Upload } from './intake.ts'
import { createPostgresIntakeStore } from './postgres-store.ts'

/** The key of a person whom nobody has met is written in the commit of the first receipt: what may come between the two. */
const masterKey = createSecretKey(randomBytes(32))
let database: Awaited<ReturnType<typeof createTestDatabase>>
let here: Hub
let elsewhere: Hub

interface Hub {
  vault: Vault
  intake: Intake
}

/** A hub of its own. `session`: the connection that it records by. */
async function openHub(session?: PoolClient): Promise<Hub> {
  const { pool } = database
  const vault = await openVault({ pool, masterKey, logger: silentLogger })
  const recordingPool = session ? ({ query: session.query.bind(session) } as unknown as Pool) : pool
  const intake = createIntake({
    store: createPostgresIntakeStore(recordingPool, vault),
    clock: systemClock,
    profileOf: () => testStore,
    groupSizeMax: 64,
    groupsInFlightMax: 2,
    queueMax: 1_000,
  })
  return { vault, intake }
}

beforeAll(async () => {
  database = await createTestDatabase()
  here = await openHub()
  elsewhere = await openHub()
})
afterAll(() => database.drop())

const saleTo = (customerId: string | undefined, till: string, sequenceNumber: number): Upload => {
  const transaction: Transaction = {
    ...makeSale(sequenceNumber, { workstationId: till }),
    ...(customerId !== undefined && { customerId }),
  }
  const bytes = Buffer.from(JSON.stringify(transaction))
  return {
    source: 'tillflow',
    senderId: 'test',
    fidelity: 'verbatim',
    result: { kind: 'transaction', transaction, findings: [], unknownValues: [], bytes },
  }
}

/** A session with an open transaction, in which a hub records. */
async function recordUncommitted(uploads: readonly Upload[]): Promise<PoolClient> {
  const session = await database.pool.connect()
  await session.query('begin')
  const { intake } = await openHub(session)
  const answers = await intake.recordAll(uploads)
  expect(answers.map((answer) => (answer instanceof Error ? answer : answer.kind))).toEqual(
    uploads.map(() => 'recorded'),
  )
  return session
}

/** Until a statement of intake waits for somebody else's commit: the id of its process. */
async function waitUntilBlocked(): Promise<number> {
  for (;;) {
    const { rows } = await database.pool.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into data_keys%'`,
    )
    if (rows[0]) return rows[0].pid
  }
}

/** The receipts of a till as they stand in the journal: number, key, and what the raw bytes say. */
async function readTill(till: string): Promise<{ number: number; keyId: string; customerId: unknown }[]> {
  const { rows } = await database.pool.query<{ number: number; record_id: string; key_id: string; sealed: Buffer }>(
    `select t.sequence_number::int as number, r.record_id, r.key_id::text, r.sealed
     from journal_events e join transactions t on t.transaction_id = e.event_id join raw_records r on r.record_id = e.event_id
     where t.workstation_id = $1 order by e.xid, e.position`,
    [till],
  )
  const { vault } = await openHub()
  return Promise.all(
    rows.map(async ({ number, record_id, key_id, sealed }) => {
      const raw = await vault.open({ keyId: key_id, bytes: sealed }, record_id)
      return { number, keyId: key_id, customerId: JSON.parse(raw.toString()).customerId }
    }),
  )
}

const livingKeysOf = async (...customerIds: string[]) => {
  const { rows } = await database.pool.query<{ key_id: string }>(
    'select key_id::text from data_keys where subject_index = any($1::bytea[])',
    [customerIds.map((customerId) => here.vault.indexOf(`customer:${customerId}`))],
  )
  return rows.map(({ key_id }) => key_id)
}

it('gives each person one key, however many hubs meet them at once, and every receipt opens', async () => {
  const persons = Array.from({ length: 40 }, (_, at) => `C-RACE-${at}`)
  const tills = ['21', '22', '23', '24']
  const hubs = [here, elsewhere, await openHub(), await openHub()]
  const rounds = tills.map((till, turn) => {
    const order = turn % 2 ? persons.toReversed() : persons
    return hubs[turn]?.intake.recordAll(order.map((person, at) => saleTo(person, till, at + 1)))
  })
  for (const answers of await Promise.all(rounds))
    expect(answers?.map((answer) => (answer instanceof Error ? answer : answer.kind))).toEqual(
      persons.map(() => 'recorded'),
    )
  expect(await livingKeysOf(...persons)).toHaveLength(persons.length)
  for (const [turn, till] of tills.entries()) {
    const receipts = await readTill(till)
    expect(receipts.map(({ number }) => number)).toEqual(persons.map((_, at) => at + 1))
    expect(receipts.map(({ customerId }) => customerId)).toEqual(turn % 2 ? persons.toReversed() : persons)
  }
})

it('seals a group anew where somebody else was first, and keeps the order of its till', async () => {
  const session = await recordUncommitted([saleTo('C-FIRST', '31', 1)])
  const uploads = [saleTo('C-FIRST', '32', 1), saleTo(undefined, '32', 2), saleTo('C-SECOND', '32', 3)]
  const answers = here.intake.recordAll(uploads)
  await waitUntilBlocked()
  await session.query('commit')
  session.release()
  expect(await answers).toMatchObject(uploads.map(() => ({ kind: 'recorded' })))
  const [first] = await readTill('31')
  const receipts = await readTill('32')
  expect(receipts.map(({ number }) => number)).toEqual([1, 2, 3])
  expect(receipts[0]?.keyId).toBe(first?.keyId)
  expect(await livingKeysOf('C-FIRST', 'C-SECOND')).toHaveLength(2)
})

it('goes on with its own key where somebody else was first and came to nothing', async () => {
  const session = await recordUncommitted([saleTo('C-ALONE', '41', 1)])
  const answer = here.intake.record(saleTo('C-ALONE', '42', 1))
  await waitUntilBlocked()
  await session.query('rollback')
  session.release()
  expect(await answer).toMatchObject({ kind: 'recorded' })
  expect(await readTill('41')).toEqual([])
  const receipts = await readTill('42')
  expect(receipts.map(({ keyId }) => keyId)).toEqual(await livingKeysOf('C-ALONE'))
})

it('leaves neither key nor receipt where the line broke before the commit, and believes in no key of that time', async () => {
  const session = await recordUncommitted([saleTo('C-CUT', '51', 1)])
  const answer = here.intake.record(saleTo('C-CUT', '52', 1)).catch((error: unknown) => error)
  await database.pool.query('select pg_terminate_backend($1)', [await waitUntilBlocked()])
  expect(await answer).toMatchObject({ code: 'storage-unavailable' })
  await session.query('rollback')
  session.release()
  expect(await livingKeysOf('C-CUT')).toEqual([])
  expect(await here.intake.record(saleTo('C-CUT', '52', 1))).toMatchObject({ kind: 'recorded' })
  expect((await readTill('52')).map(({ keyId }) => keyId)).toEqual(await livingKeysOf('C-CUT'))
})

it('gives whoever was erased a new key for what comes after', async () => {
  await here.intake.record(saleTo('C-GONE', '61', 1))
  const [before] = await livingKeysOf('C-GONE')
  expect(await here.vault.destroySubject('customer:C-GONE')).toBe(true)
  await here.intake.record(saleTo('C-GONE', '61', 2))
  const [after] = await livingKeysOf('C-GONE')
  expect(after).not.toBe(before)
  const { rows } = await database.pool.query(
    `select t.sequence_number::int as number, r.key_id::text from raw_records r join transactions t on t.transaction_id = r.record_id
     where t.workstation_id = '61' order by 1`,
  )
  expect(rows).toEqual([
    { number: 1, key_id: before },
    { number: 2, key_id: after },
  ])
})
