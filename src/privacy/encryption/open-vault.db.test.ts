import { createSecretKey, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { openVault, type VaultOptions } from './open-vault.ts'

type Database = Awaited<ReturnType<typeof createTestDatabase>>

const masterKey = createSecretKey(Buffer.alloc(32, 7))
const plain = Buffer.from('{"receipt":4711,"name":"Erika Mustermann"}')
let database: Database
let nowMs = 0

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())
beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1)
})

function open(options: Partial<VaultOptions> = {}) {
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() }
  return openVault({ pool: database.pool, masterKey, logger: silentLogger, clock, ...options })
}

async function countKeys(kind: 'data' | 'subject'): Promise<number> {
  const result = await database.pool.query<{ count: number }>(
    'select count(*)::int as count from data_keys where kind = $1',
    [kind],
  )
  return result.rows[0]?.count ?? -1
}

/** How many statements reach the database while `work` runs. */
async function countQueries(work: () => Promise<unknown>): Promise<number> {
  const { pool } = database
  const query = pool.query
  let count = 0
  pool.query = ((...parameters: unknown[]) => {
    count += 1
    return Reflect.apply(query, pool, parameters)
  }) as typeof pool.query
  try {
    await work()
  } finally {
    pool.query = query
  }
  return count
}

describe('the vault', () => {
  it('opens what it sealed, and keeps no plain text in between', async () => {
    const vault = await open()
    const sealed = await vault.sealAll([
      { plain, associatedData: 'a' },
      { plain, associatedData: 'b', subject: 'customer:1' },
      { plain: Buffer.alloc(0), associatedData: 'c' },
    ])
    expect(await Promise.all(sealed.map((one, at) => vault.open(one, 'abc'.charAt(at))))).toEqual([
      plain,
      plain,
      Buffer.alloc(0),
    ])
    for (const one of sealed) expect(one.bytes.includes('Mustermann')).toBe(false)
    expect(sealed[0]?.bytes.length).toBe(plain.length + 29)
    expect(sealed[0]?.keyId).not.toBe(sealed[1]?.keyId)
  })

  it('lets another process open it with the same master key', async () => {
    const sealed = await (await open()).seal({ plain, associatedData: 'a', subject: 'customer:2' })
    expect(await (await open()).open(sealed, 'a')).toEqual(plain)
  })

  it('does not start with another master key', async () => {
    await open()
    const other = createSecretKey(randomBytes(32))
    await expect(open({ masterKey: other })).rejects.toMatchObject({ code: 'settings-invalid' })
  })

  it('refuses a record that was moved, altered, cut or given to another key', async () => {
    const vault = await open()
    const sealed = await vault.seal({ plain, associatedData: 'a' })
    const foreign = await vault.seal({ plain, associatedData: 'a', subject: 'customer:3' })
    const unreadable = { code: 'sealed-data-unreadable' }
    await expect(vault.open(sealed, 'b')).rejects.toMatchObject(unreadable)
    await expect(vault.open({ ...sealed, keyId: foreign.keyId }, 'a')).rejects.toMatchObject(unreadable)
    await expect(vault.open({ ...sealed, keyId: '999999999' }, 'a')).rejects.toMatchObject(unreadable)
    for (let at = 0; at < sealed.bytes.length; at += 1) {
      const altered = Buffer.from(sealed.bytes)
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at)
      await expect(vault.open({ ...sealed, bytes: altered }, 'a')).rejects.toMatchObject(unreadable)
      await expect(vault.open({ ...sealed, bytes: sealed.bytes.subarray(0, at) }, 'a')).rejects.toMatchObject(
        unreadable,
      )
    }
  })

  it('asks the database nothing for records without a subject, and one question for many new subjects', async () => {
    const vault = await open()
    const anonymous = Array.from({ length: 50 }, (_, n) => ({ plain, associatedData: String(n) }))
    const personal = anonymous.map((record, n) => ({ ...record, subject: `customer:many-${n}` }))
    expect(await countQueries(() => vault.sealAll(anonymous))).toBe(0)
    expect(await countQueries(() => vault.sealAll(personal))).toBe(1)
    expect(await countQueries(() => vault.sealAll(personal))).toBe(0)
  })

  it('gives a subject one key, however many processes meet it at once', async () => {
    const before = await countKeys('subject')
    const vaults = await Promise.all(Array.from({ length: 4 }, () => open()))
    const subjects = Array.from({ length: 40 }, (_, n) => `customer:race-${n}`)
    const keysOf = await Promise.all(
      vaults.flatMap((vault, turn) => {
        const order = turn % 2 === 0 ? subjects : [...subjects].reverse()
        return [0, 1].map(async () => {
          const sealed = await vault.sealAll(order.map((subject) => ({ plain, associatedData: 'a', subject })))
          return new Map(order.map((subject, at) => [subject, sealed[at]?.keyId]))
        })
      }),
    )
    expect(await countKeys('subject')).toBe(before + subjects.length)
    for (const keys of keysOf) for (const subject of subjects) expect(keys.get(subject)).toBe(keysOf[0]?.get(subject))
  })

  it('erases by destroying the key: here at once, elsewhere when the cached key is too old', async () => {
    const here = await open()
    const elsewhere = await open()
    const sealed = await here.seal({ plain, associatedData: 'a', subject: 'customer:4' })
    const other = await here.seal({ plain, associatedData: 'a', subject: 'customer:5' })
    await elsewhere.open(sealed, 'a')
    expect(await here.destroySubject('customer:4')).toBe(true)
    expect(await here.destroySubject('customer:4')).toBe(false)
    await expect(here.open(sealed, 'a')).rejects.toMatchObject({ code: 'sealed-data-destroyed' })
    nowMs += 60_000
    await expect(elsewhere.open(sealed, 'a')).rejects.toMatchObject({ code: 'sealed-data-destroyed' })
    expect(await here.open(other, 'a')).toEqual(plain)
  })

  it('gives a subject that comes back a new key', async () => {
    const vault = await open()
    const before = await vault.seal({ plain, associatedData: 'a', subject: 'customer:6' })
    await vault.destroySubject('customer:6')
    const after = await vault.seal({ plain, associatedData: 'a', subject: 'customer:6' })
    expect(after.keyId).not.toBe(before.keyId)
    expect(await vault.open(after, 'a')).toEqual(plain)
  })

  it('stores neither the subject nor a key in the open', async () => {
    const vault = await open()
    await vault.seal({ plain, associatedData: 'a', subject: 'customer:needle' })
    const rows = await database.pool.query<{ row: string }>('select data_keys::text as row from data_keys')
    expect(rows.rows.length).toBeGreaterThan(0)
    const hex = Buffer.from('needle').toString('hex')
    for (const { row } of rows.rows) expect(row.includes('needle') || row.includes(hex)).toBe(false)
  })

  it('does not open a key that was moved to another subject', async () => {
    const vault = await open()
    await vault.sealAll(['customer:7', 'customer:8'].map((subject) => ({ plain, associatedData: 'a', subject })))
    const { rows } = await database.pool.query<{ key_id: string }>(
      `select key_id::text from data_keys where kind = 'subject' order by data_keys.key_id desc limit 2`,
    )
    await database.pool.query(
      `update data_keys set wrapped_key = (select wrapped_key from data_keys where key_id = $1) where key_id = $2`,
      [rows[0]?.key_id, rows[1]?.key_id],
    )
    const fresh = await open()
    const sealing = fresh.sealAll(
      ['customer:7', 'customer:8'].map((subject) => ({ plain, associatedData: 'a', subject })),
    )
    await expect(sealing).rejects.toMatchObject({ code: 'sealed-data-unreadable' })
  })

  it('changes the data key after a day and after its share of records, and still opens the old ones', async () => {
    const vault = await open({ dataKeyRecordsMax: 3 })
    const before = await countKeys('data')
    const records = Array.from({ length: 7 }, () => ({ plain, associatedData: 'a' }))
    const sealed = await vault.sealAll(records)
    expect(sealed.map((one) => Number(one.keyId) - Number(sealed[0]?.keyId))).toEqual([0, 0, 0, 1, 1, 1, 2])
    nowMs += 24 * 60 * 60 * 1000
    const later = await Promise.all([
      vault.seal({ plain, associatedData: 'a' }),
      vault.seal({ plain, associatedData: 'a' }),
    ])
    expect(later[0]?.keyId).toBe(later[1]?.keyId)
    expect(await countKeys('data')).toBe(before + 3)
    for (const one of [...sealed, ...later]) expect(await vault.open(one, 'a')).toEqual(plain)
  })

  it('finds the same bytes again by a fingerprint that needs the master key', async () => {
    const one = await open()
    const other = await open()
    expect(one.fingerprint(plain)).toEqual(other.fingerprint(Buffer.from(plain)))
    expect(one.fingerprint(plain)).not.toEqual(one.fingerprint(Buffer.from('x')))
    expect(one.fingerprint(plain)).toHaveLength(32)
  })
})
