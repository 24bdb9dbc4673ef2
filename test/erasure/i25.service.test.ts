import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLogger } from '../../src/contract/logger.ts'
import { findEmbeddedPostgres } from '../../src/database/embedded/run-file.ts'
import { createPool } from '../../src/database/pool.ts'
import { loadMasterKey } from '../../src/privacy/encryption/master-key.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import { poslog } from '../../src/sources/poslog/source.ts'
import { startProcess } from '../../src/testing/connector/start-process.ts'
import { testStore } from '../../src/testing/receipts.ts'
import { HubProcess } from '../hub-process.ts'
import { dumpText } from './erasable-hub.ts'
import { allNames, brokenSaleTo, namesIn, namesOf, salesOf, subjectsCount } from './subjects.ts'

/**
 * I25: of a thousand persons every fifth (`ERASED_OF`) is erased; then nothing names them in a dump, in logs, on the bus, in quarantine, in sealed bytes
 * that still open, or in a restored older copy. The others are all there, and the books are what they were. Two hundred came by every way in
 * and under every kind of name; one more takes a tenth of a second to be erased, to settle and to be erased again, and shows nothing new.
 */
const directory = mkdtempSync(join(tmpdir(), 'tillflow-i25-'))
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const data = join(directory, 'data')
const logs: string[] = []
let receiver: Awaited<ReturnType<typeof startProcess>>
let hub: HubProcess
let cluster = ''
let token = ''
let adminToken = ''

const subjects = Array.from({ length: subjectsCount }, (_, at) => at)
/** Every second one at night. */
const erasedOf = Number(process.env.ERASED_OF ?? 5)
const erasedSubjects = subjects.filter((at) => at % erasedOf === 0)
const erasedNames = new Set(erasedSubjects.flatMap(namesOf))
const keptNames = allNames.difference(erasedNames)

beforeAll(async () => {
  const receiverScript = join(import.meta.dirname, '../../src/simulator/back-office/webhook-receiver/main.ts')
  const received = join(directory, 'received')
  receiver = await startProcess(receiverScript, ['--data-directory', received, '--key', secret])
  const url = `http://127.0.0.1:${receiver.port}/hook`
  const targets = [{ name: 'shop', connector: 'webhook', allowPrivateNetwork: true, settings: { url, secret } }]
  const settings = {
    targets,
    busEngine: 'postgres',
    logLevel: 'debug',
    defaultTimeZone: 'Europe/Berlin',
    tombstoneFile: join(directory, 'tombstones.ndjson'),
    // As long as a key is trusted and an attempt may take, an erasure settles.
    personKeysCachedMs: 2_000,
    deliveryAttemptTimeoutMs: 2_000,
  }
  writeFileSync(join(directory, 'tillflow.json'), JSON.stringify(settings))
  await start()
  token = await hub.createToken()
  adminToken = (
    await hub.printed<{ token: string }>([
      ...['token', 'create', '--name', 'privacy', '--stores', '*'],
      ...['--scopes', 'privacy:write,admin:read,transactions:write'],
    ])
  ).token
}, 120_000)

afterAll(async () => {
  await hub?.stop('SIGKILL')
  await receiver?.kill()
  for (const end of cluster === '' ? [] : ['', '-lost', '-backup'])
    rmSync(`${cluster}${end}`, { recursive: true, force: true })
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<void> {
  hub = await HubProcess.start({ directory })
}

async function stop(): Promise<void> {
  logs.push(hub.log())
  await hub.stop()
}

/** Reads the answer to its end: a hub that stops waits for whoever does not. */
async function post(path: string, type: string, body: string, bearer = token) {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': type }
  const answer = await fetch(`${hub.address}${path}`, { method: 'POST', headers, body })
  return { status: answer.status, text: await answer.text() }
}

async function withPool<Result>(work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const url = await findEmbeddedPostgres(data)
  if (url === undefined) throw new Error('the database does not run')
  const pool = createPool({ url, sizeMax: 4, applicationName: 'test', logger: silentLogger })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

/** Who is named in clear and in what raw bytes still open, looked up once for all that is asked of it. */
const whoIsNamed = () =>
  withPool(async (pool) => ({ clear: namesIn(await dumpText(pool)), opened: namesIn(await openedText(pool)) }))

async function openedText(pool: Pool): Promise<string> {
  const masterKey = await loadMasterKey({ masterKeyFile: join(data, 'master.key') })
  const vault = await openVault({ pool, masterKey, logger: silentLogger })
  const { rows } = await pool.query<{ record_id: string; key_id: string; sealed: Buffer }>(
    'select record_id, key_id::text, sealed from raw_records',
  )
  const texts = rows.map(({ record_id, key_id, sealed }) =>
    vault.open({ keyId: key_id, bytes: sealed }, record_id).then(String, () => ''),
  )
  return (await Promise.all(texts)).join('\n')
}

async function totals(): Promise<unknown[]> {
  return withPool(async (pool) => {
    const { rows } = await pool.query(
      `select t.business_unit_id, t.business_day_date::text, count(*)::int as receipts, sum(t.grand_total_minor)::bigint::text as minor,
         sum((e.data -> 'transaction' -> 'totals' ->> 'grandTotal')::numeric)::text as told
       from transactions t join journal_events e on e.event_id = t.transaction_id group by 1, 2 order by 1, 2`,
    )
    return rows
  })
}

async function settled(count: number): Promise<void> {
  const counts = () =>
    withPool(async (pool) => {
      const { rows } = await pool.query<{ receipts: number; delivered: number; published: number }>(
        `select (select count(*) from transactions)::int as receipts, (select count(*) from delivery_results)::int
             + (select coalesce(sum(events_count), 0) from delivery_result_batches)::int as delivered,
           (select count(*) from bus_messages)::int as published`,
      )
      return rows[0]
    })
  const isSettled = async () => {
    const { receipts = 0, delivered = 0, published = 0 } = (await counts()) ?? {}
    return receipts === count && delivered >= count && published >= count
  }
  await expect.poll(isSettled, { timeout: 120_000, interval: 300 }).toBe(true)
}

/** Whose erasure can be asked for: addresses and typed names go with them. */
const isAsked = (name: string) => /^i25[cl]/.test(name)

async function expectThemToBeErased(): Promise<void> {
  for (const [place, names] of Object.entries(await whoIsNamed())) {
    expect([place, [...names].filter((name) => erasedNames.has(name))]).toEqual([place, []])
    expect([place, names]).toEqual([place, keptNames])
  }
}

it(`nothing names ${erasedSubjects.length} of a thousand persons any more, the others are there, and the books are what they were`, async () => {
  // A third each way: JSON lines, a POSLog document, a whole file; and some that are no transaction yet.
  const sales = subjects.flatMap(salesOf)
  const third = Math.ceil(sales.length / 3)
  const [lines, document, file] = [0, 1, 2].map((part) => sales.slice(part * third, (part + 1) * third))
  for (let from = 0; from < (lines?.length ?? 0); from += 200) {
    const body = lines?.slice(from, from + 200).map((sale) => `${JSON.stringify(sale.sent)}\n`)
    expect((await post('/v1/transactions/batch', 'application/x-ndjson', body?.join('') ?? '')).status).toBe(200)
  }
  const write = (part: typeof sales = []) =>
    poslog.writer?.writeDocument(
      part.map(({ transaction }) => transaction),
      { store: () => testStore },
    ) ?? ''
  expect((await post('/v1/sources/poslog', 'application/xml', write(document))).status).toBeLessThan(300)
  expect((await post('/v1/files?source=poslog&name=day.xml', 'application/xml', write(file))).status).toBe(202)
  // Some of those who are erased, and others.
  for (let at = 0; at < subjectsCount; at += 49) {
    expect((await post('/v1/transactions', 'application/json', brokenSaleTo(at))).status).toBe(202)
  }
  await settled(sales.length)
  const before = await totals()

  // The controls: all of them are found now, in clear and in what opens, and stay in a copy that is made now.
  expect(await whoIsNamed()).toEqual({ clear: allNames, opened: allNames })
  await backUp()

  await eraseThem()
  await expectThemToBeErased()
  expect(await totals()).toEqual(before)

  // Who is a customer and a loyalty account asks twice.
  await tellsTheShop([...erasedNames].filter(isAsked).length)
  await stop()
  expect(namesIn(logs.join('\n') + readFileSync(join(directory, 'tombstones.ndjson'), 'utf8'))).toEqual(new Set())
  await restore(before)
}, 600_000)

/** Over HTTP, several at once, as a back office would. */
async function eraseThem(): Promise<void> {
  const todo = [...erasedSubjects]
  const work = async () => {
    for (let at = todo.shift(); at !== undefined; at = todo.shift()) {
      for (const subject of namesOf(at).filter(isAsked)) {
        const kind = subject.startsWith('i25c') ? 'customer' : 'loyalty'
        const body = JSON.stringify({ subject: `${kind}:${subject}`, reason: `asked for by ${subject}` })
        const { status, text } = await post('/v1/subjects/erase', 'application/json', body, adminToken)
        expect(status).toBe(202)
        expect(text).not.toContain(subject)
        expect(JSON.parse(text)).toMatchObject({ state: 'settling' })
      }
    }
  }
  await Promise.all([work(), work(), work(), work()])
}

/** After the last look the shop gets one event for each name, without the name. */
async function tellsTheShop(namesCount: number): Promise<void> {
  const events = async () => {
    const lines = (await readFile(join(directory, 'received/effects.ndjson'), 'utf8')).split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as { type: string; subject: string })
  }
  const erasures = async () => (await events()).filter(({ type }) => type === 'customer.erased.v1')
  await expect.poll(async () => (await erasures()).length, { timeout: 240_000, interval: 500 }).toBe(namesCount)
  for (const { subject } of await erasures()) expect(subject).toMatch(/^(customer|loyalty):ref_/)
}

/**
 * A cold copy of the files of the database, as an operator makes one: the embedded server comes without pg_dump, and the one of the system
 * mostly is of an older version, which refuses. The server's own directory may lie elsewhere than its data directory.
 */
async function backUp(): Promise<void> {
  cluster = await withPool(async (pool) => (await pool.query('show data_directory')).rows[0].data_directory)
  await stop()
  await promisify(execFile)('cp', ['-a', cluster, `${cluster}-backup`])
  await start()
}

/** The copy of before has everybody; the hub does not start on it until the tombstones were replayed. */
async function restore(before: unknown[]): Promise<void> {
  renameSync(cluster, `${cluster}-lost`)
  renameSync(`${cluster}-backup`, cluster)
  await expect(start()).rejects.toThrow('tombstones-missing')
  const { replayed } = await hub.printed<{ replayed: string[] }>(['erase', '--replay-tombstones'])
  expect(replayed.length).toBeGreaterThanOrEqual(erasedSubjects.length)
  await start()
  await expectThemToBeErased()
  expect(await totals()).toEqual(before)
}
