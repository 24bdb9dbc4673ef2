import { expect } from 'vitest'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { type RecordSlices, startRecordingFiles } from '../../src/files/record-files.ts'
import { createToken } from '../../src/http/auth/token-store.ts'
import { recordUploadedFiles } from '../../src/http/record-uploaded-file.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub } from '../bad-input/hub.ts'

interface FileAnswer {
  state?: string
  recorded?: number
  duplicates?: number
  errors?: object[]
  files?: { fileId: string }[]
  next?: string
}

/** The API with uploads on a real database, and what senders and the worker of the hub do. */
export async function openUploadHub() {
  const database = await createTestDatabase()
  const { pool } = database
  const hub = await startTestHub(pool, {
    clock: systemClock,
    limits: { requestTimeoutMs: 5_000 },
    files: { bytesMax: 3_000_000, waitingMax: 5 },
  })
  const address = await hub.server.listen({ host: '127.0.0.1', port: 0 })
  const make = async (name: string, more: object) =>
    (await createToken(pool, { name, scopes: ['transactions:write'], ...more })).token
  const tokens = {
    all: hub.token,
    other: await make('other', {}),
    store8: await make('store 8', { stores: ['8'] }),
    admin: await make('admin', { scopes: ['admin:read'] }),
    // As such tokens could be made before.
    adminOfStore8: await make('admin of store 8', { scopes: ['admin:read', 'transactions:write'] }),
  }
  await pool.query("update api_tokens set stores = '{8}' where name = 'admin of store 8'")
  let number = 0
  const { deps, vault } = hub

  async function get(path: string, token = tokens.all) {
    const answer = await fetch(`${address}/v1/files${path}`, { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, ...((await answer.json()) as FileAnswer) }
  }

  const work = (record: RecordSlices = recordUploadedFiles(deps)) =>
    startRecordingFiles({ db: pool, vault, logger: silentLogger, record, badShareMax: 0.05 })

  return {
    ...{ pool, deps, vault, address, tokens, get, work },
    sales: (count: number): string[] =>
      Array.from({ length: count }, () => {
        number += 1
        return JSON.stringify(makeSale(number))
      }),
    upload: async (
      content: string,
      query = 'source=tillflow&name=day.ndjson',
      token = tokens.all,
      type = 'application/octet-stream',
    ) => {
      const answer = await fetch(`${address}/v1/files?${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body: content,
      })
      const said = (await answer.json()) as { fileId: string; duplicate: boolean; code?: string }
      return { status: answer.status, ...said }
    },
    /** Works until the file has come to an end. */
    settle: async (fileId: string, record?: RecordSlices, token = tokens.all) => {
      const worker = work(record)
      try {
        await expect.poll(async () => (await get(`/${fileId}`, token)).state, { timeout: 20_000 }).not.toBe('waiting')
      } finally {
        await worker.stop()
      }
      return get(`/${fileId}`, token)
    },
    countOf: async (table: string): Promise<number> => {
      const { rows } = await pool.query<{ count: string }>(`select count(*) from ${table}`)
      return Number(rows[0]?.count)
    },
    close: async () => {
      await hub.close()
      await database.drop()
    },
  }
}

export type UploadHub = Awaited<ReturnType<typeof openUploadHub>>
