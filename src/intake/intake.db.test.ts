import { generateKeySync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

let database: Awaited<ReturnType<typeof createTestDatabase>>
let vault: Vault
let intake: Intake

const makeIntake = () =>
  createIntake({
    store: createPostgresIntakeStore(database.pool, vault),
    clock: { ...systemClock, now: () => Date.parse('2026-03-02T12:00:00Z') },
    profileOf: () => testStore,
    groupSizeMax: 64,
    groupsInFlightMax: 2,
    queueMax: 1_000,
  })

beforeAll(async () => {
  database = await createTestDatabase()
  vault = await openVault({
    pool: database.pool,
    masterKey: generateKeySync('aes', { length: 256 }),
    logger: silentLogger,
  })
  intake = makeIntake()
})
afterAll(() => database.drop())

function upload(transaction: Transaction): Upload {
  return {
    source: 'tillflow',
    senderId: 'test',
    fidelity: 'verbatim',
    result: {
      kind: 'transaction',
      transaction,
      findings: [],
      unknownValues: [],
      bytes: Buffer.from(JSON.stringify(transaction)),
    },
  }
}

const count = async (text: string, ...values: unknown[]) =>
  Number((await database.pool.query(text, values)).rows[0].count)

describe('intake on PostgreSQL', () => {
  it('records a receipt once with its event and its bytes, and answers every later upload with the first answer', async () => {
    const first = await intake.record(upload(makeSale(1)))
    expect(first).toMatchObject({ kind: 'recorded', transactionKey: 'till:9/3/-/1', findings: [] })
    const again = await intake.record(upload(makeSale(1)))
    expect(again).toEqual({ ...first, kind: 'duplicate' })
    const { transactionId } = first as { transactionId: string }
    expect(await count('select count(*) from journal_events where event_id = $1', transactionId)).toBe(1)
    const { rows } = await database.pool.query('select key_id, sealed from raw_records where record_id = $1', [
      transactionId,
    ])
    const raw = await vault.open({ keyId: rows[0].key_id, bytes: rows[0].sealed }, transactionId)
    expect(JSON.parse(raw.toString())).toEqual(makeSale(1))
  })

  it('collapses fifty concurrent uploads of one till number, over two hubs, to one row and one event', async () => {
    const other = makeIntake()
    const uploads = Array.from({ length: 50 }, (_, index) => (index % 2 ? intake : other).record(upload(makeSale(2))))
    const kinds = (await Promise.all(uploads)).map((answer) => answer.kind)
    expect(kinds.filter((kind) => kind === 'recorded')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'duplicate')).toHaveLength(49)
    expect(await count(`select count(*) from journal_events where subject = 'till:9/3/-/2'`)).toBe(1)
  })

  it('keeps both of two different receipts with one number and overwrites neither', async () => {
    const first = await intake.record(upload(makeSale(3)))
    const changed = makeSale(3, { totals: { grandTotal: '6.00' } })
    const conflict = await intake.record(upload(changed))
    expect(conflict).toMatchObject({ kind: 'conflict', transactionKey: 'till:9/3/-/3' })
    expect(await intake.record(upload(changed))).toEqual(conflict)
    expect(await intake.record(upload(makeSale(3)))).toEqual({ ...first, kind: 'duplicate' })
    expect(await count(`select count(*) from conflicts where transaction_key = 'till:9/3/-/3'`)).toBe(1)
  })

  it('answers a group in which one number stands twice, with the same and with other content', async () => {
    const answers = await intake.recordAll([
      upload(makeSale(4)),
      upload(makeSale(4)),
      upload(makeSale(4, { totals: { grandTotal: '7.00' } })),
      upload(makeSale(5)),
    ])
    expect(answers.map((answer) => (answer instanceof Error ? answer : answer.kind))).toEqual([
      'recorded',
      'duplicate',
      'conflict',
      'recorded',
    ])
  })

  it('does not deadlock when groups of several hubs share numbers in opposite order', async () => {
    const others = [intake, makeIntake(), makeIntake()]
    const numbers = Array.from({ length: 60 }, (_, index) => 100 + index)
    const rounds = others.flatMap((one, index) => {
      const order = index % 2 ? numbers.toReversed() : numbers
      return order.map((number) => one.record(upload(makeSale(number))))
    })
    const answers = await Promise.all(rounds)
    expect(answers.filter((answer) => answer.kind === 'recorded')).toHaveLength(60)
  })

  it('keeps what cannot be recorded in quarantine, once, and its neighbours are recorded', async () => {
    const poison = makeSale(200, { operatorId: 'x', businessDayDate: '0000-99-99' })
    const answers = await intake.recordAll([upload(makeSale(201)), upload(poison), upload(makeSale(202))])
    expect(answers.map((answer) => (answer instanceof Error ? answer : answer.kind))).toEqual([
      'recorded',
      'quarantined',
      'recorded',
    ])
    expect(await intake.record(upload(poison))).toEqual(answers[1])
    expect(await count(`select count(*) from quarantine`)).toBe(1)
  })

  it('says that it is full instead of answering late', async () => {
    const small = createIntake({
      store: createPostgresIntakeStore(database.pool, vault),
      clock: { ...systemClock, now: () => Date.parse('2026-03-02T12:00:00Z') },
      profileOf: () => testStore,
      groupSizeMax: 1,
      groupsInFlightMax: 1,
      queueMax: 2,
    })
    const answers = await small.recordAll(Array.from({ length: 6 }, (_, index) => upload(makeSale(300 + index))))
    const refused = answers.filter((answer) => answer instanceof Error)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject({ code: 'temporary-reduced-capacity', status: 503 })
    expect(await count(`select count(*) from transactions where sequence_number between 300 and 305`)).toBe(
      6 - refused.length,
    )
  })
})
