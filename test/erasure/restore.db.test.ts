import { createSecretKey, randomBytes } from 'node:crypto'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLogger } from '../../src/contract/logger.ts'
import { createPool } from '../../src/database/pool.ts'
import { erase } from '../../src/privacy/erasure/erase.ts'
import { replayTombstones } from '../../src/privacy/erasure/replay-tombstones.ts'
import { readSubject } from '../../src/privacy/erasure/subject.ts'
import { checkTombstones, checkTombstonesWithoutVault } from '../../src/runtimes/node/check-tombstones.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { dumpText, openErasableHub } from './erasable-hub.ts'
import { saleTo } from './person.ts'

const masterKey = createSecretKey(randomBytes(32))
let database: TestDatabase
let directory: string
let tombstoneFile: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-restore-'))
  tombstoneFile = join(directory, 'tombstones.ndjson')
  database = await createTestDatabase()
})
afterEach(async () => {
  await database.drop()
  await rm(directory, { recursive: true })
})

/** A copy of the database as it is now, under another name; nobody may be on it meanwhile. */
async function copyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const [name, copy] = [new URL(database.url).pathname.slice(1), `copy_${randomBytes(6).toString('hex')}`]
  const admin = new pg.Client({
    connectionString: Object.assign(new URL(database.url), { pathname: '/postgres' }).href,
  })
  await admin.connect()
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
    [name],
  )
  await admin.query(`create database ${copy} template ${name}`)
  const url = Object.assign(new URL(database.url), { pathname: `/${copy}` }).href
  return {
    url,
    drop: async () => {
      await admin.query(`drop database ${copy}`)
      await admin.end()
    },
  }
}

it('a restored older copy does not bring an erased person back', async () => {
  const hub = await openErasableHub(database.pool, { masterKey, tombstoneFile })
  await hub.send(saleTo(1, { customerId: 'C-BACK-1', email: 'back@example.org' }))
  await hub.send(saleTo(2, { customerId: 'C-OTHER-2', loyaltyAccountId: 'L-BACK-2' }))
  const broken = JSON.stringify({ ...saleTo(3, { customerId: 'C-BACK-1' }), currency: 'XXQ' })
  await hub.send(broken)
  const copy = await copyDatabase()
  const request = { reason: 'asked', actor: 'cli:test' }
  const first = await erase(hub.house, { ...request, subject: readSubject('customer:C-BACK-1') })
  await erase(hub.house, { ...request, subject: readSubject('loyalty:L-BACK-2') })
  await checkTombstones(hub.house)
  expect(await readFile(tombstoneFile, 'utf8')).not.toMatch(/BACK/)
  await hub.close()

  const pool = createPool({ url: copy.url, sizeMax: 4, applicationName: 'test', logger: silentLogger })
  const restored = await openErasableHub(pool, { masterKey, tombstoneFile })
  // Without the tombstones everybody would be back.
  expect(await dumpText(pool)).toMatch(/C-BACK-1[\s\S]*L-BACK-2|L-BACK-2[\s\S]*C-BACK-1/)
  await expect(checkTombstones(restored.house)).rejects.toMatchObject({ code: 'tombstones-missing' })
  // A process that only delivers has no key, and does not send what was promised to be gone either.
  const withoutVault = () => checkTombstonesWithoutVault(pool, { tombstoneFile, dataDirectory: directory })
  await expect(withoutVault()).rejects.toMatchObject({ code: 'tombstones-missing' })
  expect(await replayTombstones(restored.house, 'cli:test')).toHaveLength(2)
  await checkTombstones(restored.house)
  await withoutVault()
  const dump = await dumpText(pool)
  expect(dump).not.toMatch(/BACK|back@example/)
  const { rows } = await pool.query<{ fidelity: string; count: number }>(
    'select fidelity, count(*)::int as count from raw_records group by fidelity',
  )
  expect(rows).toEqual([{ fidelity: 'erased', count: 3 }])
  expect(await replayTombstones(restored.house, 'cli:test')).toEqual([])
  // The same event as then, by its id: targets that had it collapse it.
  const { rowCount } = await pool.query('select from journal_events where event_id = $1', [first.erasureId])
  expect(rowCount).toBe(1)
  await restored.close()
  await pool.end()
  await copy.drop()
})

it('a file of tombstones survives a crash in the middle of a line, and believes no foreign hand', async () => {
  const hub = await openErasableHub(database.pool, { masterKey, tombstoneFile })
  const request = { reason: 'asked', actor: 'cli:test' }
  await hub.send(saleTo(1, { customerId: 'C-FILE-1' }))
  await erase(hub.house, { ...request, subject: readSubject('customer:C-FILE-1') })
  await appendFile(tombstoneFile, '{"erasureId":"0f8b1f52-93a4')
  await hub.send(saleTo(2, { customerId: 'C-FILE-2' }))
  await erase(hub.house, { ...request, subject: readSubject('customer:C-FILE-2') })
  expect((await hub.house.tombstones.read()).size).toBe(2)

  // A file that was lost is written anew from the database.
  await writeFile(tombstoneFile, '')
  await checkTombstones(hub.house)
  expect((await hub.house.tombstones.read()).size).toBe(2)

  const [line = ''] = (await readFile(tombstoneFile, 'utf8')).split('\n')
  const forged = line.replace(
    /"subjectIndex":"[^"]+"/,
    `"subjectIndex":"${hub.vault.indexOf('customer:C-3').toString('base64url')}"`,
  )
  await appendFile(tombstoneFile, `${forged}\n`)
  await expect(checkTombstones(hub.house)).rejects.toMatchObject({ code: 'tombstones-unreadable' })
  await hub.close()
})
