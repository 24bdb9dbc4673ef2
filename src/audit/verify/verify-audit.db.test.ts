import { appendFile, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import type { ClientBase } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyRaws } from '../../intake/personal-data.ts'
import { vouchUnder } from '../../privacy/encryption/vouch.ts'
import { referPersonalText } from '../../privacy/refer-personal-data.ts'
import { noteEmptied, vouchForEmptiedBefore } from '../emptied.ts'
import { hashLine, noPrevious, readLine, writeLine } from '../seal/checkpoint.ts'
import { rotateKey } from '../seal/rotate-key.ts'
import { makeSigningKey, openSigningKey } from '../seal/signing-key.ts'
import { asOwner, type Books, makeKeys, openBooks } from '../simulation/sealed-books.ts'
import { verifyAudit } from './verify-audit.ts'
import { verifyFile } from './verify-file.ts'

let books: Books
beforeAll(async () => {
  books = await openBooks()
  await books.sell(24)
  await books.act(5)
  await books.appendBare(3)
  await books.seal()
})
afterAll(() => books.close())

const portion = 'a8098c1a-f86e-41da-bd1a-00112444be1e'
const vouch = vouchUnder(makeKeys().auditKey)
const verify = (changes: object = {}) => verifyAudit(books.pool, { ...books, ...changes })
/** As for somebody who has no file. */
const withoutFile = ({ auditKey, refer }: Books) => ({ auditKey, refer })

describe('verifying the audit', () => {
  it('finds nothing where nothing was changed, and says what is too young for a seal', async () => {
    const report = await verify()
    expect(report).toMatchObject({ unsealed: 0 })
    expect(report).not.toHaveProperty('fault')
    // 24 receipts and 3 conflicts with their raw records, 3 bare events, 5 acts.
    expect(report.entries).toBe(24 * 2 + 3 + 3 + 5)
    expect(report.checkpointsInFile).toBe(report.checkpoints)
    await books.sell(2)
    await books.act(1)
    expect(await verify()).toMatchObject({ entries: report.entries, unsealed: 3 })
    await books.seal()
    expect(await verify()).toMatchObject({ entries: report.entries + 5, unsealed: 0 })
  })

  it('raises no alarm while receipts arrive and are sealed', async () => {
    let isOver = false
    const arriving = async () => {
      while (!isOver) {
        await books.sell(5)
        await books.seal()
      }
    }
    const running = [arriving(), arriving()]
    for (let round = 0; round < 8; round += 1) expect((await verify()).fault).toBeUndefined()
    isOver = true
    await Promise.all(running)
    const report = await verify()
    expect(report).toMatchObject({ unsealed: 0 })
    expect(report.fault).toBeUndefined()
  })

  it('holds after an erasure, which puts the referred form in the place of the data', async () => {
    const { rows } = await books.pool.query<{ event_id: string; data: string }>(
      `select event_id, data::text as data from journal_events where data -> 'transaction' ->> 'customerId' is not null`,
    )
    expect(rows.length).toBeGreaterThan(5)
    for (const row of rows) {
      const erased = referPersonalText(row.data, books.refer)
      expect(erased).not.toContain('C-100-')
      await books.pool.query('update journal_events set data = $2 where event_id = $1', [row.event_id, erased])
    }
    expect((await verify()).fault).toBeUndefined()
  })

  it('holds where raw records were erased or emptied, and says how many have only their noted hash left', async () => {
    const { rows } = await books.pool.query<{ id: string }>(
      'select record_id as id from raw_records order by record_id limit 6',
    )
    const ids = rows.map(({ id }) => id)
    await asOwner(books.pool, async (client) => {
      expect(await emptyRaws(client, ids, portion)).toBe(6)
      expect((await verifyAudit(client, books)).fault?.kind).toBe('emptied')
      await noteEmptied(client, vouch, portion, { cause: 'retention', dataClass: 'raw', cutAt: '2026-03-02' })
      const report = await verifyAudit(client, books)
      expect(report.fault).toBeUndefined()
      expect(report).toMatchObject({ emptied: 6 })
      await client.query(`update raw_erasures set ciphertext_sha256 = sha256('') where record_id = $1`, [ids[0]])
      // Nothing vouches any more for those that were emptied with it either: the first of the six is named.
      const { fault } = await verifyAudit(client, books)
      expect(fault?.kind).toBe(fault?.entry?.id === ids[0] ? 'altered' : 'emptied')
      expect(ids).toContain(fault?.entry?.id)
    })
    await asOwner(books.pool, async (client) => {
      // What a person's own key had sealed stays, and opens for nobody any more.
      await client.query(
        `with noted as (
           insert into raw_erasures (record_id, key_id, fidelity, ciphertext_sha256, cause)
           select record_id, key_id, fidelity, sha256(sealed), 'person' from raw_records where record_id = any($1))
         update raw_records set fidelity = 'erased' where record_id = any($1)`,
        [ids],
      )
      expect(await verifyAudit(client, books)).toMatchObject({ emptied: 0 })
      expect((await verifyAudit(client, books)).fault).toBeUndefined()
      await client.query(`update raw_records set sealed = sealed || '1' where record_id = $1`, [ids[1]])
      expect((await verifyAudit(client, books)).fault).toMatchObject({ kind: 'altered', entry: { id: ids[1] } })
    })
  })

  it('takes bytes that somebody else emptied for what they are, whatever they note beside it', async () => {
    const { rows } = await books.pool.query<{ id: string }>(
      'select record_id as id from raw_records order by record_id limit 3',
    )
    const [one = '', two = '', three = ''] = rows.map(({ id }) => id)
    await asOwner(books.pool, async (client) => {
      await emptyRaws(client, [one, two], portion)
      await noteEmptied(client, vouch, portion, { cause: 'retention', dataClass: 'raw', cutAt: '2026-03-02' })
      expect((await verifyAudit(client, books)).fault).toBeUndefined()
      // A third one joins those that were let go.
      await client.query('savepoint before')
      await emptyRaws(client, [three], portion)
      expect((await verifyAudit(client, books)).fault?.kind).toBe('emptied')
      await client.query('rollback to savepoint before')
      // The act is gone, or is of somebody without the key.
      await client.query(`delete from audit_acts where act = 'raw.empty'`)
      await noteEmptied(client, vouchUnder(makeKeys(9).auditKey), portion, { cause: 'person', erasureId: portion })
      const { fault } = await verifyAudit(client, books)
      expect([one, two]).toContain(fault?.entry?.id)
      expect(fault?.kind).toBe('emptied')
    })
  })

  it('believes what has no name only once somebody with the key has vouched for it', async () => {
    const { rows } = await books.pool.query<{ id: string }>(
      'select record_id as id from raw_records order by record_id limit 2',
    )
    const [one = '', two = ''] = rows.map(({ id }) => id)
    const emptyByHand = async (client: ClientBase, id: string) => {
      await emptyRaws(client, [id], portion)
      await client.query('update raw_erasures set portion = null where record_id = $1', [id])
    }
    await asOwner(books.pool, async (client) => {
      await emptyByHand(client, one)
      expect((await verifyAudit(client, books)).fault).toMatchObject({ kind: 'emptied', entry: { id: one } })
      const by = { actor: 'cli:test', reason: 'emptied by the version before' }
      expect(await vouchForEmptiedBefore(client, vouch, by)).toBe(1)
      const report = await verifyAudit(client, books)
      expect(report.fault).toBeUndefined()
      expect(report).toMatchObject({ emptied: 1 })
      const { rows: acts } = await client.query(`select actor, reason, details from audit_acts where act = 'raw.empty'`)
      expect(acts).toMatchObject([{ ...by, details: { cause: 'before', rawRecords: 1 } }])
      await emptyByHand(client, two)
      expect((await verifyAudit(client, books)).fault).toMatchObject({ kind: 'emptied', entry: { id: two } })
    })
  })

  it('reads entries from a checkpoint or a time on, and the chain from its start all the same', async () => {
    const { entries, checkpoints } = await verify()
    const later = await verify({ since: 3 })
    expect(later).toMatchObject({ checkpoints })
    expect(later.entries).toBeLessThan(entries)
    expect(await verify({ since: new Date(Date.now() + 1_000) })).toMatchObject({ checkpoints, entries: 0 })
    await asOwner(books.pool, async (client) => {
      await client.query(`update journal_events set subject = 'x' where position = 1`)
      expect((await verifyAudit(client, books)).fault).toMatchObject({ kind: 'altered', checkpoint: 1 })
      expect((await verifyAudit(client, { ...books, since: 3 })).fault).toBeUndefined()
      await client.query('delete from audit_checkpoints where checkpoint_no = 2')
      expect((await verifyAudit(client, { ...books, since: 3 })).fault).toMatchObject({ kind: 'checkpoint-missing' })
    })
  })

  it('finds a chain that somebody without the master key signed from its start on, with the file and without', async () => {
    await asOwner(books.pool, async (client) => {
      const { auditKey } = makeKeys(8)
      const theirs = makeSigningKey(auditKey)
      await client.query('delete from audit_keys')
      await client.query('insert into audit_keys (key, sealed_private, voucher) values ($1, $2, $3)', [
        theirs.key,
        theirs.sealedPrivate,
        theirs.voucher,
      ])
      let previous = noPrevious
      const { rows } = await client.query<{ n: string; line: string }>(
        'select checkpoint_no as n, line from audit_checkpoints order by checkpoint_no',
      )
      for (const row of rows) {
        const read = readLine(row.line)
        if (!read) return expect.unreachable()
        const line = writeLine({ ...read.checkpoint, key: theirs.key, previous }, openSigningKey(theirs, auditKey))
        previous = hashLine(line)
        await client.query('update audit_checkpoints set line = $2 where checkpoint_no = $1', [row.n, line])
      }
      const fault = { kind: 'checkpoint-forged', checkpoint: 1 }
      expect((await verifyAudit(client, withoutFile(books))).fault).toEqual(fault)
      expect((await verifyAudit(client, books)).fault).toEqual(fault)
    })
  })

  it('needs the file to find that the last checkpoints are gone', async () => {
    await asOwner(books.pool, async (client) => {
      const { rows } = await client.query('delete from audit_checkpoints where checkpoint_no > 2 returning 1')
      expect(rows.length).toBeGreaterThan(0)
      expect((await verifyAudit(client, withoutFile(books))).fault).toBeUndefined()
      expect((await verifyAudit(client, books)).fault).toEqual({ kind: 'truncated', checkpoint: 3 })
    })
  })

  it('goes on under a new key, which the old one names, and of which an act tells', async () => {
    const { checkpoints } = await verify()
    const rotated = await rotateKey(books.pool, books.sealing, { actor: 'cli:ada', reason: 'yearly' })
    expect(rotated).toMatchObject({ checkpoint: checkpoints + 1 })
    await books.sell(3)
    await books.seal()
    const report = await verify()
    expect(report).toMatchObject({ checkpoints: checkpoints + 2, unsealed: 0 })
    expect(report.fault).toBeUndefined()
    expect(await verifyFile(books.file, rotated.from)).toMatchObject({ checkpoints: checkpoints + 2, key: rotated.to })
    const { rows } = await books.pool.query('select key from audit_keys where sealed_private is not null')
    expect(rows).toEqual([{ key: rotated.to }])
  })
})

describe('the checkpoint file', () => {
  const fault = async () => [(await verify()).fault?.kind, (await verifyFile(books.file))?.fault?.kind]
  const lines = async () => (await readFile(books.file, 'utf8')).trimEnd().split('\n')
  const write = (text: readonly string[]) => writeFile(books.file, text.map((line) => `${line}\n`).join(''))

  it('is found to be altered, and by itself alone too', async () => {
    const whole = await lines()
    const [first = '', second = '', ...more] = whole
    await write([first, second.replace(/"entries":\d+/, '"entries":1'), ...more])
    expect(await fault()).toEqual(['file-altered', 'checkpoint-altered'])
    await write([first, ...more])
    expect(await fault()).toEqual(['file-altered', 'checkpoint-altered'])
    await write(['nothing', ...whole])
    expect(await fault()).toEqual(['file-altered', 'checkpoint-altered'])
    await write(whole)
    expect(await fault()).toEqual([undefined, undefined])
    expect((await verifyFile(books.file, 'A'.repeat(43)))?.fault?.kind).toBe('checkpoint-forged')
  })

  it('may lack the last checkpoints, of which one was cut short, until the sealer has written them again', async () => {
    const whole = await lines()
    const { size } = await stat(books.file)
    await truncate(books.file, size - 100)
    expect(await verify()).toMatchObject({ checkpointsInFile: whole.length - 1 })
    await books.seal()
    expect(await lines()).toEqual(whole)
    await rename(books.file, `${books.file}.aside`)
    expect(await verify()).not.toHaveProperty('checkpointsInFile')
    await books.seal()
    expect(await lines()).toEqual(whole)
  })

  it('stops the sealer where it knows another or a later checkpoint than the database', async () => {
    await books.act(1)
    await appendFile(books.file, `${(await lines()).at(-1)?.replace(/"checkpoint":\d+/, '"checkpoint":999')}\n`)
    await expect(books.seal()).rejects.toMatchObject({ code: 'audit-file-disagrees' })
    expect(await verify()).toMatchObject({ unsealed: 1, fault: { kind: 'truncated' } })
    await write((await lines()).slice(0, -1))
    await books.seal()
    expect(await verify()).toMatchObject({ unsealed: 0 })
  })
})
