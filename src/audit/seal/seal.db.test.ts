import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Books, openBooks } from '../simulation/sealed-books.ts'
import { verifyAudit } from '../verify/verify-audit.ts'
import { rotateKey } from './rotate-key.ts'
import { countUnsealed, readChainEnd } from './seal.ts'
import { whileSealing } from './seal-lock.ts'
import { sealWhenDue } from './seal-when-due.ts'

let books: Books
let nowMs = Date.parse('2026-03-02T12:00:00Z')
const clock = { now: () => nowMs, sleep: async () => {} }
beforeEach(async () => {
  books = await openBooks({ clock, everyMs: 60_000 })
})
afterEach(() => books.close())

const seal = () => sealWhenDue(books.pool, books.sealing)
const insert = `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data)
  values (gen_random_uuid(), 1, 'pos.transaction.recorded.v1', $1, 'x', '{}')`

describe('the sealer', () => {
  it('seals at once what comes first or is much, the rest when its time has come, and nothing where there is nothing', async () => {
    expect(await seal()).toBe(0)
    await books.act(1)
    expect(await seal()).toBe(1)
    await books.act(9)
    expect(await seal()).toBe(0)
    await books.act(1)
    expect(await seal()).toBe(10)
    await books.act(1)
    nowMs += 59_999
    expect(await seal()).toBe(0)
    nowMs += 1
    expect(await seal()).toBe(1)
    nowMs += 60_000
    expect(await seal()).toBe(0)
    expect(await readChainEnd(books.pool)).toMatchObject({ checkpoint: 3, entriesInAll: 12 })
    expect((await readFile(books.file, 'utf8')).split('\n')).toHaveLength(4)
  })

  it('waits for whoever began to write before, so that no event is ever between two that were sealed', async () => {
    const slow = await books.pool.connect()
    await slow.query('begin')
    await slow.query(insert, ['slow'])
    await books.pool.query(insert, ['quick'])
    expect(await seal()).toBe(0)
    expect(await countUnsealed(books.pool, (await readChainEnd(books.pool)).reach, 10)).toMatchObject({ count: 1 })
    await slow.query('commit')
    slow.release()
    expect(await seal()).toBe(2)
    expect(await verifyAudit(books.pool, books)).toMatchObject({ entries: 2, unsealed: 0 })
  })

  it('is one at a time, also with a rotation', async () => {
    await books.act(1)
    const by = { actor: 'cli:ada', reason: 'yearly' }
    await expect(rotateKey(books.pool, books.sealing, by)).rejects.toMatchObject({ code: 'audit-no-key' })
    await whileSealing(books.pool, async () => {
      expect(await seal()).toBe(0)
      await expect(rotateKey(books.pool, books.sealing, by)).rejects.toMatchObject({ code: 'audit-being-sealed' })
    })
    const sealed = await Promise.all([seal(), seal(), seal()])
    expect(sealed.toSorted()).toEqual([0, 0, 1])
  })

  it('leaves nothing behind where it fails, and goes on', async () => {
    await books.act(1)
    await books.pool.query('alter table audit_checkpoints add check (checkpoint_no < 1)')
    await expect(seal()).rejects.toThrow('check')
    expect((await books.pool.query('select from audit_keys')).rowCount).toBe(0)
    await books.pool.query('alter table audit_checkpoints drop constraint audit_checkpoints_checkpoint_no_check')
    expect(await seal()).toBe(1)
  })

  it('takes the key that the master key sealed, and no other', async () => {
    await books.act(1)
    await seal()
    const { rows } = await books.pool.query<{ bytes: string }>(
      `select encode(sealed_private, 'hex') as bytes from audit_keys`,
    )
    // 48 bytes are the private key by itself.
    expect(rows[0]?.bytes.length).toBe(2 * (48 + 1 + 12 + 16))
    await books.act(10)
    await books.pool.query(
      'update audit_keys set sealed_private = set_byte(sealed_private, 20, 255 - get_byte(sealed_private, 20))',
    )
    await expect(seal()).rejects.toMatchObject({ code: 'sealed-data-unreadable' })
  })

  it.each(["update audit_checkpoints set line = ''", 'delete from audit_checkpoints', 'truncate audit_checkpoints'])(
    'writes what nobody changes by mistake: %s',
    async (statement) => {
      await books.act(1)
      await seal()
      await expect(books.pool.query(statement)).rejects.toThrow('append-only')
    },
  )
})
