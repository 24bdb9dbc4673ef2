import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { acceptFile, type FileRow, insertChunk, insertFile, resumeHeldFile } from '../../src/files/queries.ts'
import { chunkName } from '../../src/files/receive-file.ts'
import { type RecordSlices, startRecordingFiles } from '../../src/files/record-files.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import type { Vault } from '../../src/privacy/encryption/vault.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'

let database: TestDatabase
let vault: Vault
beforeAll(async () => {
  database = await createTestDatabase()
  vault = await openVault({ pool: database.pool, masterKey: createSecretKey(randomBytes(32)), logger: silentLogger })
})
afterAll(() => database.drop())

/** As an upload leaves it, in small chunks. */
async function keepFile(chunksCount: number): Promise<string> {
  const { pool } = database
  const id = randomUUID()
  await insertFile(pool, { id, name: 'day', source: 'tillflow', senderId: 'nobody' })
  for (let chunk = 0; chunk < chunksCount; chunk += 1) {
    const plain = Buffer.from(`${chunk}\n`)
    const { keyId, bytes } = await vault.seal({ plain, associatedData: chunkName(id, chunk) })
    await insertChunk(pool, id, chunk, keyId, bytes)
  }
  await acceptFile(pool, id, { bytes: chunksCount, sha256: randomBytes(32), masked: false })
  return id
}

async function rowOf(id: string): Promise<FileRow | undefined> {
  const { rows } = await database.pool.query<FileRow>('select * from files where file_id = $1', [id])
  return rows[0]
}

function work(record: RecordSlices) {
  const { pool: db } = database
  return startRecordingFiles({ db, vault, logger: silentLogger, record, badShareMax: 0.05, leaseSeconds: 3 })
}

const recorded = (slice: number) => ({ slice, status: 200, kind: 'recorded' })

describe('the claim of a hub on a file', () => {
  it('is renewed while slices are passed over for longer than it lasts', async () => {
    const id = await keepFile(64)
    const startedAt = performance.now()
    const workers = [1, 2].map(() =>
      work(async function* (_file, input) {
        for await (const _chunk of input) await systemClock.sleep(80)
        yield recorded(1)
      }),
    )
    await expect.poll(async () => (await rowOf(id))?.state, { timeout: 20_000 }).toBe('done')
    for (const worker of workers) await worker.stop()
    expect(performance.now() - startedAt).toBeGreaterThan(3_000)
    expect(await rowOf(id)).toMatchObject({ fence: '1', slices: '1', recorded: '1' })
  })

  it('is asked for before a file is read on, which another hub may have', async () => {
    const id = await keepFile(64)
    const seen: number[] = []
    const worker = work(async function* (_file, input) {
      for await (const _chunk of input) {
        if (seen.push(seen.length) > 1) continue
        const sql = "update files set fence = fence + 1, claimed_until = 'infinity' where file_id = $1"
        await database.pool.query(sql, [id])
      }
      yield recorded(1)
    })
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(16)
    await systemClock.sleep(300)
    await worker.stop()
    expect(seen).toHaveLength(16)
    expect(await rowOf(id)).toMatchObject({ state: 'waiting', slices: '0' })
    await database.pool.query('delete from files where file_id = $1', [id])
  })
})

describe('a file that no attempt gets through', () => {
  /** Nobody waits five seconds here. */
  async function untilState(id: string, state: string): Promise<void> {
    const isThere = async () => {
      await database.pool.query(
        "update files set claimed_until = '2000-01-01' where file_id = $1 and claimed_until > clock_timestamp() + interval '4 s'",
        [id],
      )
      return (await rowOf(id))?.state
    }
    await expect.poll(isThere, { timeout: 20_000, interval: 20 }).toBe(state)
  }

  it('is held with its bytes, and has all its tries again when somebody lets it go on', async () => {
    const id = await keepFile(1)
    let tries = 0
    let isMended = false
    const worker = work(async function* (_file, input) {
      tries += 1
      for await (const _chunk of input) if (!isMended) throw new Error('the reader fails')
      yield recorded(1)
    })
    await untilState(id, 'held')
    expect(tries).toBe(9)
    expect(await rowOf(id)).toMatchObject({ problem: 'internal-error', slices: '0' })
    const { rows } = await database.pool.query('select from file_chunks where file_id = $1', [id])
    expect(rows).toHaveLength(1)
    expect(await resumeHeldFile(database.pool, id, undefined)).toBe(true)
    await untilState(id, 'held')
    expect(tries).toBe(18)
    isMended = true
    expect(await resumeHeldFile(database.pool, id, undefined)).toBe(true)
    await untilState(id, 'done')
    await worker.stop()
    expect(await rowOf(id)).toMatchObject({ recorded: '1', bad_accepted: false, problem: null })
  })

  it('is not held for what passes, such as a database that is away', async () => {
    const id = await keepFile(1)
    let tries = 0
    const worker = work(async function* () {
      tries += 1
      yield tries <= 12 ? { slice: 1, status: 503, code: 'storage-unavailable' } : recorded(1)
    })
    await untilState(id, 'done')
    await worker.stop()
    expect(tries).toBe(13)
  })
})
