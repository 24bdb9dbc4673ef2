import { createHash, createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { advanceFile, claimFile } from '../../src/files/queries.ts'
import { receiveFile } from '../../src/files/receive-file.ts'
import { type RecordSlices, startRecordingFiles } from '../../src/files/record-files.ts'
import { apiTokens } from '../../src/http/auth/api-tokens.ts'
import { createToken, createTokenStore } from '../../src/http/auth/token-store.ts'
import type { HttpDeps } from '../../src/http/deps.ts'
import { recordUploadedFiles } from '../../src/http/record-uploaded-file.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createIntake } from '../../src/intake/create-intake.ts'
import type { Intake } from '../../src/intake/intake.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import type { Vault } from '../../src/privacy/encryption/vault.ts'
import { sources } from '../../src/sources/index.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { makeSale, testStore } from '../../src/testing/receipts.ts'
import { watchAnswers } from '../declared-answers.ts'

let database: TestDatabase
let vault: Vault
let intake: Intake
let server: FastifyInstance
let deps: HttpDeps
let answers: Awaited<ReturnType<typeof watchAnswers>>
let address: string
const tokens: Record<string, string> = {}
let number = 0

beforeAll(async () => {
  database = await createTestDatabase()
  const { pool } = database
  vault = await openVault({ pool, masterKey: createSecretKey(randomBytes(32)), logger: silentLogger })
  intake = createIntake({
    store: createPostgresIntakeStore(pool, vault),
    clock: systemClock,
    profileOf: () => testStore,
    groupSizeMax: 64,
    groupsInFlightMax: 2,
    queueMax: 1_000,
  })
  deps = {
    intake,
    sources,
    readContext: { store: () => testStore },
    authenticate: [apiTokens(createTokenStore(pool, systemClock))],
    limits: {
      requestTimeoutMs: 5_000,
      requestBodyMaxBytes: 65_536,
      batchBodyMaxBytes: 262_144,
      batchLinesMax: 20,
      sourceBodyMaxBytes: 262_144,
    },
    logger: silentLogger,
    health: { ready: async () => ({ ready: true, checks: {} }) },
    files: { db: pool, vault, limits: { bytesMax: 3_000_000, waitingMax: 5 } },
  }
  server = createHttpServer(deps)
  answers = await watchAnswers(server)
  address = await server.listen({ host: '127.0.0.1', port: 0 })
  const make = async (name: string, more: object) =>
    (await createToken(pool, { name, scopes: ['transactions:write'], ...more })).token
  tokens.all = await make('all', {})
  tokens.other = await make('other', {})
  tokens.store8 = await make('store 8', { stores: ['8'] })
  tokens.admin = await make('admin', { scopes: ['admin:read'] })
  // As such tokens could be made before.
  tokens.adminOfStore8 = await make('admin of store 8', { scopes: ['admin:read', 'transactions:write'] })
  await pool.query("update api_tokens set stores = '{8}' where name = 'admin of store 8'")
})

afterAll(async () => {
  await server.close()
  await intake.close()
  await database.drop()
  expect(answers.complaints, 'what the API document does not declare').toEqual([])
  expect(answers.seen).toBeGreaterThan(0)
})

function sales(count: number): string[] {
  return Array.from({ length: count }, () => {
    number += 1
    return JSON.stringify(makeSale(number))
  })
}

async function upload(
  content: string,
  query = 'source=tillflow&name=day.ndjson',
  token = tokens.all,
  type = 'application/octet-stream',
) {
  const answer = await fetch(`${address}/v1/files?${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': type },
    body: content,
  })
  return { status: answer.status, ...((await answer.json()) as { fileId: string; duplicate: boolean; code?: string }) }
}

async function get(path: string, token = tokens.all) {
  const answer = await fetch(`${address}/v1/files${path}`, { headers: { authorization: `Bearer ${token}` } })
  return { status: answer.status, ...((await answer.json()) as FileAnswer) }
}

interface FileAnswer {
  state?: string
  recorded?: number
  duplicates?: number
  errors?: object[]
  files?: { fileId: string }[]
  next?: string
}

/** Works until the file has come to an end. */
async function settle(fileId: string, record: RecordSlices = recordUploadedFiles(deps), token = tokens.all) {
  const worker = startRecordingFiles({ db: database.pool, vault, logger: silentLogger, record, badShareMax: 0.05 })
  try {
    await expect.poll(async () => (await get(`/${fileId}`, token)).state, { timeout: 20_000 }).not.toBe('waiting')
  } finally {
    await worker.stop()
  }
  return get(`/${fileId}`, token)
}

async function countOf(table: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: string }>(`select count(*) from ${table}`)
  return Number(rows[0]?.count)
}

describe('a file that is uploaded', () => {
  it('is kept, then recorded, and says what was bad in it, page by page', async () => {
    const lines = sales(450)
    for (const at of [10, 200, 440]) lines[at] = '{"broken":'
    const accepted = await upload(lines.join('\n'))
    expect(accepted).toMatchObject({ status: 202, duplicate: false })
    expect(await get(`/${accepted.fileId}`)).toMatchObject({ state: 'waiting', name: 'day.ndjson', slices: 0 })
    const before = await countOf('transactions')
    const view = await settle(accepted.fileId)
    expect(view).toMatchObject({ state: 'done', slices: 450, recorded: 447, refused: 3, duplicates: 0 })
    expect(await countOf('transactions')).toBe(before + 447)
    expect(view.errors).toMatchObject(
      [11, 201, 441].map((slice) => ({ slice, kind: 'refused', code: 'json-malformed' })),
    )
    expect(await get(`/${accepted.fileId}?limit=2`)).toMatchObject({
      errors: [{ slice: 11 }, { slice: 201 }],
      next: 201,
    })
    expect(await get(`/${accepted.fileId}?limit=2&after=201`)).toMatchObject({ errors: [{ slice: 441 }] })
    expect(await countOf('file_chunks')).toBe(0)
  })

  it('is known again by its content, whatever its name', async () => {
    const content = sales(3).join('\n')
    const first = await upload(content)
    await settle(first.fileId)
    expect(await upload(content, 'source=tillflow&name=again')).toEqual({
      status: 200,
      fileId: first.fileId,
      duplicate: true,
    })
    expect(await countOf('file_chunks')).toBe(0)
  })

  it('is taken again where slices of it were refused, so that the right token gets them in', async () => {
    const content = sales(2).join('\n')
    const refused = await upload(content, 'source=tillflow', tokens.store8)
    expect(await settle(refused.fileId, recordUploadedFiles(deps), tokens.admin)).toMatchObject({
      state: 'done',
      recorded: 0,
      refused: 2,
    })
    const again = await upload(content)
    expect(again).toMatchObject({ status: 202, duplicate: false })
    expect(await settle(again.fileId)).toMatchObject({ state: 'done', recorded: 2, refused: 0 })
    expect(await upload(content)).toMatchObject({ status: 200, fileId: again.fileId, duplicate: true })
  })

  it('is another file in another account', async () => {
    const receive = (account?: string) =>
      receiveFile(
        database.pool,
        vault,
        { name: 'day', source: 'shopify', senderId: 'nobody', ...(account !== undefined && { account }) },
        Readable.from([Buffer.from('the same in every shop')]),
        { bytesMax: 100, waitingMax: 5 },
        () => true,
      )
    const finish = (fileId: string) =>
      database.pool.query("update files set state = 'done', finished_at = clock_timestamp() where file_id = $1", [
        fileId,
      ])
    for (const account of ['one', 'two', undefined]) {
      const first = await receive(account)
      expect(first.isRepeat).toBe(false)
      await finish(first.fileId)
      expect(await receive(account)).toEqual({ fileId: first.fileId, isRepeat: true })
    }
    await database.pool.query("delete from files where source = 'shopify'")
  })

  it('goes on after a hub that died, from the last slices that were recorded', async () => {
    const { fileId } = await upload(sales(900).join('\n'))
    const recordAll = recordUploadedFiles(deps)
    const seen: number[] = []
    let deaths = 0
    const dying: RecordSlices = async function* (file, input) {
      let given = 0
      for await (const answer of recordAll(file, input)) {
        seen.push(answer.slice)
        yield answer
        given += 1
        // Recorded by intake, but not yet in the counts of the file.
        if (given === 310 && deaths < 2) {
          deaths += 1
          await database.pool.query("update files set claimed_until = '2000-01-01' where file_id = $1", [file.file_id])
          throw new Error('killed')
        }
      }
    }
    const view = await settle(fileId, dying)
    expect(deaths).toBe(2)
    expect(view).toMatchObject({ state: 'done', slices: 900, refused: 0, quarantined: 0 })
    expect(Number(view.recorded) + Number(view.duplicates)).toBe(900)
    expect(view.duplicates).toBeGreaterThan(0)
    expect(view.duplicates).toBeLessThan(500)
    // 200 were counted before each death: the third run began at 401, not at 1.
    expect(seen.filter((slice) => slice === 1)).toHaveLength(1)
    expect(seen.filter((slice) => slice === 401)).toHaveLength(2)
  })

  it('goes on behind a slice that the hub itself fails at again and again, and lists it', async () => {
    const { fileId } = await upload(sales(3).join('\n'))
    let tries = 0
    const failing: RecordSlices = async function* (file, input) {
      for await (const answer of recordUploadedFiles(deps)(file, input)) {
        if (answer.slice === 2) tries += 1
        yield answer.slice === 2 ? { slice: 2, status: 500, code: 'internal-error', detail: 'broken' } : answer
      }
    }
    const worker = startRecordingFiles({
      db: database.pool,
      vault,
      logger: silentLogger,
      record: failing,
      badShareMax: 0.05,
    })
    try {
      for (;;) {
        const view = await get(`/${fileId}`)
        if (view.state === 'done') {
          // Slices are recorded together: what stands behind the failing one was in the first time.
          expect(view).toMatchObject({ slices: 3, recorded: 1, duplicates: 1, refused: 1 })
          expect(view.errors).toMatchObject([{ slice: 2, kind: 'refused', code: 'internal-error' }])
          break
        }
        // Nobody waits five seconds here.
        await database.pool.query(
          "update files set claimed_until = '2000-01-01' where file_id = $1 and claimed_until < clock_timestamp() + interval '6 s'",
          [fileId],
        )
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    } finally {
      await worker.stop()
    }
    expect(tries).toBe(9)
  })

  it('is not changed by a hub whose claim was taken over', async () => {
    const { fileId } = await upload(sales(2).join('\n'))
    const old = await claimFile(database.pool, 60)
    await database.pool.query("update files set claimed_until = '2000-01-01' where file_id = $1", [fileId])
    const current = await claimFile(database.pool, 60)
    expect([old?.file_id, current?.file_id]).toEqual([fileId, fileId])
    expect(await claimFile(database.pool, 60)).toBeUndefined()
    const one = {
      slices: 1,
      recorded: 1,
      duplicates: 0,
      quarantined: 0,
      conflicts: 0,
      refused: 0,
      noted: 0,
      errors: [],
    }
    expect(await advanceFile(database.pool, fileId, old?.fence ?? '', 60, one)).toBeUndefined()
    expect(await get(`/${fileId}`)).toMatchObject({ slices: 0, recorded: 0 })
    await database.pool.query("update files set claimed_until = '2000-01-01' where file_id = $1", [fileId])
    expect(await settle(fileId)).toMatchObject({ state: 'done', recorded: 2 })
  })

  it('is held where too much of it is bad, and goes on when somebody says so', async () => {
    const lines = sales(500)
    for (let at = 5; at < 200; at += 10) lines[at] = '{"broken":'
    const { fileId } = await upload(lines.join('\n'))
    const held = await settle(fileId)
    expect(held).toMatchObject({ state: 'held', slices: 200, refused: 20, problem: { code: 'file-quality' } })
    expect(await countOf('file_chunks')).toBeGreaterThan(0)
    const decide = async (decision: string, token = tokens.all) =>
      (
        await fetch(`${address}/v1/files/${fileId}/${decision}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        })
      ).status
    expect([await decide('resume', tokens.other), await decide('resume')]).toEqual([404, 200])
    expect(await settle(fileId)).toMatchObject({
      state: 'done',
      slices: 500,
      recorded: 480,
      duplicates: 0,
      refused: 20,
    })
    expect([await decide('resume'), await decide('discard')]).toEqual([409, 409])
    expect(await countOf('file_chunks')).toBe(0)
    const { rows } = await database.pool.query('select sender_id from files where file_id = $1', [fileId])
    // Neither what another token may not, nor what came too late, is an act.
    expect(await readActs(database.pool, `file:${fileId}`)).toMatchObject([
      {
        act: 'file.resume',
        actor: `token:${rows[0].sender_id}`,
        details: { source: 'tillflow', problem: 'file-quality', slices: 200 },
      },
    ])
  })

  it('is let go where nobody wants the rest', async () => {
    const lines = sales(300)
    for (let at = 5; at < 200; at += 10) lines[at] = '{"broken":'
    const { fileId } = await upload(lines.join('\n'))
    await settle(fileId)
    const headers = { authorization: `Bearer ${tokens.all}` }
    expect((await fetch(`${address}/v1/files/${fileId}/discard`, { method: 'POST', headers })).status).toBe(200)
    expect(await get(`/${fileId}`)).toMatchObject({ state: 'rejected', slices: 200, problem: { code: 'file-quality' } })
    expect(await countOf('file_chunks')).toBe(0)
    expect(await readActs(database.pool, `file:${fileId}`)).toMatchObject([
      { act: 'file.discard', details: { source: 'tillflow', problem: 'file-quality', slices: 200 } },
    ])
  })

  it('of a few lines is recorded to its end, and says when too many were bad', async () => {
    const { fileId } = await upload([...sales(8), '{"broken":'].join('\n'))
    expect(await settle(fileId)).toMatchObject({ state: 'done', recorded: 8, problem: { code: 'file-quality' } })
  })

  it('is rejected where it cannot be read to its end, and may come again', async () => {
    const { fileId } = await upload(
      '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/"><Transaction>',
      'source=poslog',
    )
    expect(await settle(fileId)).toMatchObject({ state: 'rejected', problem: { code: 'xml-malformed' } })
  })

  it('speaks for the stores of its sender only, and is seen by that sender and operators only', async () => {
    const { fileId } = await upload(sales(2).join('\n'), 'source=tillflow', tokens.store8)
    const worker = startRecordingFiles({
      db: database.pool,
      vault,
      logger: silentLogger,
      record: recordUploadedFiles(deps),
      badShareMax: 0.05,
    })
    await expect.poll(async () => (await get(`/${fileId}`, tokens.admin)).state, { timeout: 20_000 }).toBe('done')
    await worker.stop()
    expect(await get(`/${fileId}`, tokens.store8)).toMatchObject({
      recorded: 0,
      refused: 2,
      errors: [{ code: 'scope-store' }, { code: 'scope-store' }],
    })
    expect(await get(`/${fileId}`, tokens.other)).toMatchObject({ status: 404, code: 'not-found' })
    expect(await get('', tokens.other)).toMatchObject({ status: 200, files: [] })
    // Limited to a store, a token that may look after files reads those of this store, and those of nobody else.
    const own = await upload(sales(3).join('\n'), 'source=tillflow', tokens.adminOfStore8)
    expect(await get(`/${own.fileId}`, tokens.adminOfStore8)).toMatchObject({ status: 200 })
    const foreign = await upload(sales(1).join('\n'))
    expect(await get(`/${foreign.fileId}`, tokens.adminOfStore8)).toMatchObject({ status: 404, code: 'not-found' })
    const { files: seen = [] } = await get('', tokens.adminOfStore8)
    expect(seen).toEqual(
      expect.arrayContaining([own, { fileId }].map((one) => expect.objectContaining({ fileId: one.fileId }))),
    )
    expect(seen.some((one) => one.fileId === foreign.fileId)).toBe(false)
    await settle(own.fileId)
    await settle(foreign.fileId)
    const { files: all = [] } = await get('', tokens.admin)
    const first = await get('?limit=2', tokens.admin)
    const second = await get(`?limit=2&before=${first.next}`, tokens.admin)
    const paged = [...(first.files ?? []), ...(second.files ?? [])]
    expect(paged).toHaveLength(4)
    expect(paged).toEqual(all.slice(0, 4))
  })
})

describe('an upload that is refused leaves nothing', () => {
  it.each<[string, string, string, string | undefined, number, string]>([
    ['an unknown source', 'x', 'source=nobody', undefined, 404, 'unknown-source'],
    ['no source', 'x', 'name=a', undefined, 404, 'unknown-source'],
    ['an unknown account', 'x', 'source=tillflow&account=shop', undefined, 404, 'unknown-account'],
    ['nothing', '', 'source=tillflow', undefined, 422, 'file-empty'],
    ['too much', 'x'.repeat(3_000_001), 'source=tillflow', undefined, 413, 'file-too-large'],
    ['another content', 'x', `source=tillflow&sha256=${'0'.repeat(64)}`, undefined, 422, 'control-total-mismatch'],
    ['a document type', '{}', 'source=tillflow', 'application/json', 415, 'unsupported-media-type'],
    [
      'a track',
      '{"note":";4111111111111111=25121011234567890?"}',
      'source=tillflow',
      undefined,
      422,
      'sensitive-authentication-data',
    ],
  ])('%s', async (_what, content, query, type, status, code) => {
    const before = await countOf('files')
    expect(await upload(content, query, tokens.all, type)).toMatchObject({ status, code })
    expect([await countOf('files'), await countOf('file_chunks')]).toEqual([before, 0])
  })

  it('one that breaks off', async () => {
    const before = await countOf('files')
    const { port } = new URL(address)
    const socket = connect(Number(port), '127.0.0.1')
    const head = `POST /v1/files?source=tillflow HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${tokens.all}\r\ncontent-type: application/octet-stream\r\ncontent-length: 2000000\r\n\r\n`
    socket.write(head + sales(20).join('\n'))
    await expect.poll(() => countOf('files'), { timeout: 10_000 }).toBe(before + 1)
    socket.destroy()
    await once(socket, 'close')
    await expect.poll(() => countOf('files'), { timeout: 10_000 }).toBe(before)
    expect(await countOf('file_chunks')).toBe(0)
  })

  it('more than may wait', async () => {
    const waiting = []
    for (let index = 0; index < 5; index += 1) waiting.push(await upload(sales(1).join('')))
    expect(await upload(sales(1).join(''))).toMatchObject({ status: 503, code: 'temporary-reduced-capacity' })
    for (const { fileId } of waiting) await settle(fileId)
  })
})

it('bytes are kept encrypted, with card numbers masked before, and the right content passes its check', async () => {
  const sale = makeSale(900_001, { extensions: { note: 'card 4111 1111 1111 1111' } })
  const content = JSON.stringify(sale)
  const { fileId } = await upload(
    content,
    `source=tillflow&sha256=${createHash('sha256').update(content).digest('hex')}`,
  )
  const { rows } = await database.pool.query<{ sealed: Buffer }>('select sealed from file_chunks where file_id = $1', [
    fileId,
  ])
  expect(rows).toHaveLength(1)
  expect(rows[0]?.sealed.toString('latin1')).not.toMatch(/SALE|4111/)
  expect(await settle(fileId)).toMatchObject({ state: 'done', recorded: 1 })
  const { rows: records } = await database.pool.query<{ fidelity: string }>(
    "select fidelity from raw_records where fidelity = 'masked'",
  )
  expect(records).toHaveLength(1)
})

it.each(['?limit=0', '?limit=201', '?limit=x', '?before=1'])('there is no page %s', async (query) => {
  expect(await get(query)).toMatchObject({ status: 400, code: 'invalid-page' })
})
