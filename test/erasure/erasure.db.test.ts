import { createSecretKey, randomBytes } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import { beginErasure } from '../../src/privacy/erasure/begin-erasure.ts'
import { continueErasures, erase, previewErasure } from '../../src/privacy/erasure/erase.ts'
import { exportPerson } from '../../src/privacy/erasure/export-person.ts'
import { addHold, readHolds, removeHold } from '../../src/privacy/erasure/holds.ts'
import { inTransaction } from '../../src/privacy/erasure/in-transaction.ts'
import { readErasure } from '../../src/privacy/erasure/report.ts'
import { takeStep } from '../../src/privacy/erasure/run-erasure.ts'
import { readSubject } from '../../src/privacy/erasure/subject.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { dumpText, type ErasableHub, openErasableHub } from './erasable-hub.ts'
import { saleTo } from './person.ts'

const masterKey = createSecretKey(randomBytes(32))
let database: TestDatabase
let hub: ErasableHub
let number = 0

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await openErasableHub(database.pool, { masterKey })
})
afterAll(async () => {
  await hub?.close()
  await database?.drop()
})
beforeEach(() => {
  number += 100
})

const actor = 'cli:test'
const reason = 'asked by letter'
const subject = (name: string) => readSubject(name)
const eraseNow = (name: string) => erase(hub.house, { subject: subject(name), reason, actor })
const dataOf = async (sequenceNumber: number) => {
  const { rows } = await hub.pool.query<{ data: string }>(
    'select data::text as data from journal_events where subject = $1',
    [`till:9/3/-/${sequenceNumber}`],
  )
  return rows[0]?.data ?? ''
}
const rawOf = async (sequenceNumber: number) => {
  const { rows } = await hub.pool.query<{ record_id: string; key_id: string; fidelity: string; sealed: Buffer }>(
    `select r.record_id, r.key_id::text, r.fidelity, r.sealed from raw_records r join transactions t on t.transaction_id = r.record_id
     where t.transaction_key = $1`,
    [`till:9/3/-/${sequenceNumber}`],
  )
  const [row] = rows
  if (!row) return expect.unreachable()
  const text = await hub.vault
    .open({ keyId: row.key_id, bytes: row.sealed }, row.record_id)
    .then(String, (error: { code: string }) => error.code)
  return { fidelity: row.fidelity, text }
}

describe('an erasure', () => {
  it('takes a person out of everything and leaves the amounts, and nobody else', async () => {
    const other = saleTo(number, { customerId: 'C-OTHER-1' })
    await hub.send(saleTo(number + 1, { customerId: 'C-ERASE-1', email: 'erase.one@example.org' }))
    await hub.send(other)
    expect(await dumpText(hub.pool)).toContain('C-ERASE-1')
    const report = await eraseNow('customer:C-ERASE-1')
    expect(report).toMatchObject({
      state: 'finished',
      kind: 'customer',
      counts: { receipts: 1, events: 1, rawErased: 1 },
      kept: [{ records: 1, reason: 'fiscal-retention' }],
    })
    const dump = await dumpText(hub.pool)
    expect(dump).not.toContain('C-ERASE-1')
    expect(dump).not.toContain('erase.one@example.org')
    expect(dump).toContain('C-OTHER-1')
    const { transaction } = JSON.parse(await dataOf(number + 1))
    expect(transaction).toMatchObject({ customerId: report.reference, totals: { grandTotal: '5.00' } })
    expect(await rawOf(number + 1)).toEqual({ fidelity: 'erased', text: 'sealed-data-destroyed' })
    expect((await rawOf(number)).text).toContain('C-OTHER-1')
  })

  it('tells targets and buses by an event that names receipts and nobody, and writes an act down', async () => {
    await hub.send(saleTo(number, { loyaltyAccountId: 'L-ERASE-2' }))
    const { erasureId, reference } = await eraseNow('loyalty:L-ERASE-2')
    const { rows } = await hub.pool.query('select event_type, subject, data from journal_events where event_id = $1', [
      erasureId,
    ])
    expect(rows).toEqual([
      {
        event_type: 'customer.erased.v1',
        subject: `loyalty:${reference}`,
        data: { kind: 'loyalty', reference, transactionKeys: [`till:9/3/-/${number}`], transactionsCount: 1 },
      },
    ])
    expect(await readActs(hub.pool, `person:${reference}`)).toMatchObject([
      { actor, act: 'person.erase', reason, details: { erasureId, kind: 'loyalty' } },
    ])
  })

  it("empties what another person's key sealed: a customer and a loyalty account on one receipt", async () => {
    await hub.send(saleTo(number, { customerId: 'C-KEEP-3', loyaltyAccountId: 'L-ERASE-3' }))
    const report = await eraseNow('loyalty:L-ERASE-3')
    expect(report.counts).toMatchObject({ receipts: 1, rawErased: 0, rawOfOthersErased: 1 })
    expect(await rawOf(number)).toMatchObject({ fidelity: 'erased' })
    const dump = await dumpText(hub.pool)
    expect(dump).not.toContain('L-ERASE-3')
    const { rows } = await hub.pool.query(
      'select cause, octet_length(ciphertext_sha256) as length from raw_erasures where erasure_id = $1',
      [report.erasureId],
    )
    expect(rows).toEqual([{ cause: 'person', length: 32 }])
  })

  it('finds the account of a loyalty line, a contradicting upload, and an upload in quarantine', async () => {
    await hub.send(saleTo(number, { lineAccountId: 'L-ERASE-4' }))
    await hub.send(saleTo(number, { lineAccountId: 'L-ERASE-4', grandTotal: '4.99' }))
    const broken = JSON.stringify({ ...saleTo(number + 1, { loyaltyAccountId: 'L-ERASE-4' }), currency: 'XXQ' })
    expect((await hub.send(broken)).kind).toBe('quarantined')
    expect((await hub.send(broken.replace('L-ERASE-4', 'L-STAYS-4'))).kind).toBe('quarantined')
    const report = await eraseNow('loyalty:L-ERASE-4')
    expect(report.counts).toMatchObject({ receipts: 2, rawOfOthersErased: 2, quarantinedErased: 1 })
    const { rows } = await hub.pool.query<{ fidelity: string }>(
      'select r.fidelity from raw_records r join quarantine q on q.quarantine_id = r.record_id order by r.fidelity',
    )
    expect(rows.map(({ fidelity }) => fidelity)).toEqual(['erased', 'verbatim'])
  })

  it('is the same one when it is asked for again, until the person comes anew', async () => {
    await hub.send(saleTo(number, { customerId: 'C-ERASE-5' }))
    const first = await eraseNow('customer:C-ERASE-5')
    expect((await eraseNow('customer:C-ERASE-5')).erasureId).toBe(first.erasureId)
    await hub.send(saleTo(number + 1, { customerId: 'C-ERASE-5' }))
    expect((await rawOf(number + 1)).text).toContain('C-ERASE-5')
    expect(await dataOf(number + 1)).toContain('C-ERASE-5')
    expect(await rawOf(number)).toMatchObject({ text: 'sealed-data-destroyed' })
    const second = await eraseNow('customer:C-ERASE-5')
    expect(second.erasureId).not.toBe(first.erasureId)
    expect(second.reference).toBe(first.reference)
    expect(await dumpText(hub.pool)).not.toContain('C-ERASE-5')
  })

  it('comes to the same end wherever it is killed', async () => {
    // How many steps there are is learned by going on until there is none.
    let steps = Number.POSITIVE_INFINITY
    for (let killedAfter = 0; killedAfter < steps; killedAfter += 1) {
      const name = `C-KILL-${number}-${killedAfter}`
      const at = number + 1 + killedAfter
      await hub.send(saleTo(at, { customerId: name }))
      const row = await beginErasure(hub.house, { subject: subject(`customer:${name}`), reason, actor })
      let taken = 0
      for (; taken < killedAfter; taken += 1) {
        const result = await inTransaction(hub.pool, (client) => takeStep(hub.house, client, row.erasure_id))
        if (result !== 'again') break
      }
      if (taken < killedAfter) steps = killedAfter
      // The step that dies takes everything of its transaction with it.
      const died = inTransaction(hub.pool, async (client) => {
        await takeStep(hub.house, client, row.erasure_id)
        throw new Error('killed')
      })
      await expect(died).rejects.toThrow('killed')
      expect(await continueErasures(hub.house)).toBe(0)
      expect(await readErasure(hub.pool, row.erasure_id)).toMatchObject({ state: 'finished', counts: { receipts: 1 } })
      expect(await dataOf(at)).not.toContain(name)
      expect((await rawOf(at)).text).toBe('sealed-data-destroyed')
    }
    expect(steps).toBeGreaterThan(6)
    const { rows } = await hub.pool.query(
      "select count(*)::int as open from erasures where state <> 'finished' or sealed_subject is not null",
    )
    expect(rows).toEqual([{ open: 0 }])
    expect(await dumpText(hub.pool)).not.toContain('C-KILL-')
  })

  it('takes what was on its way when it was asked for: the key of a person whom nobody had met comes with the receipt', async () => {
    const session = await hub.pool.connect()
    // Another hub, which has not committed yet.
    const vault = await openVault({ pool: hub.pool, masterKey, logger: silentLogger })
    const recording = { query: session.query.bind(session) } as unknown as Pool
    const other = await openErasableHub(hub.pool, { masterKey, store: createPostgresIntakeStore(recording, vault) })
    await session.query('begin')
    await other.send(saleTo(number, { customerId: 'C-ERASE-7' }))
    const row = await beginErasure(hub.house, { subject: subject('customer:C-ERASE-7'), reason, actor })
    for (let state = 'running'; state === 'running'; ) {
      expect(await inTransaction(hub.pool, (client) => takeStep(hub.house, client, row.erasure_id))).toBe('again')
      state = (await readErasure(hub.pool, row.erasure_id))?.state ?? 'none'
    }
    await session.query('commit')
    session.release()
    await other.close()
    expect(await rawOf(number)).toMatchObject({ fidelity: 'verbatim' })
    expect(await continueErasures(hub.house)).toBe(0)
    expect(await readErasure(hub.pool, row.erasure_id)).toMatchObject({ state: 'finished', counts: { receipts: 1 } })
    expect(await rawOf(number)).toEqual({ fidelity: 'erased', text: 'sealed-data-destroyed' })
    expect(await dumpText(hub.pool)).not.toContain('C-ERASE-7')
  })

  it('says beforehand what it would do, and changes nothing', async () => {
    await hub.send(saleTo(number, { customerId: 'C-LOOK-6' }))
    const before = await dumpText(hub.pool)
    expect(await previewErasure(hub.house, subject('customer:C-LOOK-6'))).toMatchObject({ records: 1 })
    expect(await dumpText(hub.pool)).toBe(before)
  })

  it('takes a short number for a person only where it stands as one', async () => {
    await hub.send(saleTo(number, { customerId: '42' }))
    const broken = JSON.stringify({ ...saleTo(number + 1, {}), quantity: '42', currency: 'XXQ' })
    await hub.send(broken)
    const report = await eraseNow('customer:42')
    expect(report.counts).toMatchObject({ receipts: 1, quarantinedErased: 0 })
  })

  it.each(['', 'customer:', 'card:1', 'C-1', `customer:${'x'.repeat(300)}`])('refuses %j as a name', (name) => {
    expect(() => subject(name)).toThrow(expect.objectContaining({ code: 'unknown-subject' }))
  })
})

describe('a legal hold', () => {
  it('keeps a person until it is removed, and does not name the person', async () => {
    await hub.send(saleTo(number, { customerId: 'C-HOLD-1' }))
    const held = await addHold(hub.house, {
      subject: subject('customer:C-HOLD-1'),
      reason: 'lawsuit of C-HOLD-1',
      actor,
    })
    expect(held.reason).toBe(`lawsuit of ${held.reference}`)
    expect(await readHolds(hub.pool)).toMatchObject([{ holdId: held.holdId }])
    await expect(eraseNow('customer:C-HOLD-1')).rejects.toMatchObject({ code: 'legal-hold', status: 409 })
    expect((await rawOf(number)).text).toContain('C-HOLD-1')
    await removeHold(hub.house, { holdId: held.holdId, reason: 'it is over', actor })
    await expect(removeHold(hub.house, { holdId: held.holdId, reason: 'x', actor })).rejects.toMatchObject({
      code: 'unknown-hold',
    })
    expect(await eraseNow('customer:C-HOLD-1')).toMatchObject({ state: 'finished' })
    expect(await dumpText(hub.pool)).not.toContain('C-HOLD-1')
  })

  it('may be on everything', async () => {
    const { holdId } = await addHold(hub.house, { reason: 'audit by the tax office', actor })
    await expect(eraseNow('customer:C-NOBODY')).rejects.toMatchObject({ code: 'legal-hold' })
    await removeHold(hub.house, { holdId, reason: 'it is over', actor })
  })
})

describe('an export', () => {
  it('has everything that is kept of a person, and leaves an act', async () => {
    await hub.send(saleTo(number, { customerId: 'C-EXPORT-1', email: 'export.me@example.org' }))
    const exported = await exportPerson(hub.house, { subject: subject('customer:C-EXPORT-1'), reason, actor })
    expect(exported).toMatchObject({ records: 1, subject: 'customer:C-EXPORT-1' })
    expect(JSON.stringify(exported.data.journal)).toContain('export.me@example.org')
    expect(JSON.stringify(exported.data.intake)).toContain('export.me@example.org')
    expect(await readActs(hub.pool, `person:${exported.reference}`)).toMatchObject([{ act: 'person.export', reason }])
  })
})
