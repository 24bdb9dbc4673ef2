import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/contract/logger.ts'
import { findEmbeddedPostgres } from '../../src/database/embedded/run-file.ts'
import { createPool } from '../../src/database/pool.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { HubProcess } from '../hub-process.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-files-'))
/** Recorded 200 at a time: enough for a kill that strikes between. */
const receipts = 4_000
const content = Buffer.from(
  Array.from({ length: receipts }, (_, index) => `${JSON.stringify(makeSale(index + 1))}\n`).join(''),
)

interface FileAnswer {
  fileId: string
  state: string
  slices: number
  recorded: number
  duplicates: number
  refused: number
  quarantined: number
}

let hub: HubProcess
let token = ''

beforeAll(async () => {
  writeFileSync(join(directory, 'tillflow.json'), '{}')
  hub = await HubProcess.start({ directory })
  token = await hub.createToken()
})
afterAll(async () => {
  await hub?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const headers = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' })

async function get<Answer>(path: string): Promise<Answer> {
  return (await (await fetch(`${hub.address}/v1/files${path}`, { headers: headers() })).json()) as Answer
}

async function killAndStartAgain(): Promise<void> {
  await hub.stop('SIGKILL')
  hub = await HubProcess.start({ directory })
}

async function ask<Row extends object>(sql: string): Promise<Row | undefined> {
  const url = (await findEmbeddedPostgres(join(directory, 'data'))) ?? ''
  const pool = createPool({ url, sizeMax: 1, applicationName: 'test', logger: silentLogger })
  try {
    return (await pool.query<Row>(sql)).rows[0]
  } finally {
    await pool.end()
  }
}

const transactions = async () =>
  (await ask<{ count: number }>('select count(*)::int as count from transactions'))?.count

describe('kill -9 of a hub that takes a file', () => {
  it('in the middle of the upload: nothing was promised, and nothing of it is ever recorded', async () => {
    const upload = request(`${hub.address}/v1/files?source=tillflow`, {
      method: 'POST',
      headers: { ...headers(), 'content-length': content.length },
    })
    const ended = once(upload, 'error')
    upload.write(content.subarray(0, Math.floor(content.length / 2)))
    await expect.poll(async () => (await get<{ files: FileAnswer[] }>('')).files[0]?.state).toBe('uploading')
    await killAndStartAgain()
    await ended
    expect((await get<{ files: FileAnswer[] }>('')).files.map(({ state }) => state)).toEqual(['uploading'])
    expect(await transactions()).toBe(0)
  })

  it('in the middle of the recording: what was accepted is recorded to its end, each receipt once', async () => {
    const answer = await fetch(`${hub.address}/v1/files?source=tillflow`, {
      method: 'POST',
      headers: headers(),
      body: content,
    })
    expect(answer.status).toBe(202)
    const { fileId } = (await answer.json()) as FileAnswer
    const view = () => get<FileAnswer>(`/${fileId}`)
    await expect.poll(async () => (await view()).slices, { interval: 10, timeout: 60_000 }).toBeGreaterThan(0)
    await killAndStartAgain()
    const left = await view()
    // Else nothing was in the middle of anything.
    expect(left.state).toBe('waiting')
    expect(left.slices).toBeLessThan(receipts)
    // The claim of the dead hub runs out within a minute; until then nobody takes its file. A minute is made to pass.
    const claim = await ask<{ seconds: number }>(
      "select extract(epoch from claimed_until - clock_timestamp())::int as seconds from files where state = 'waiting'",
    )
    expect(claim?.seconds).toBeGreaterThan(0)
    expect(claim?.seconds).toBeLessThanOrEqual(60)
    expect(await view()).toEqual(left)
    await ask("update files set claimed_until = claimed_until - interval '1 min' where state = 'waiting'")
    await expect.poll(async () => (await view()).state, { interval: 200, timeout: 60_000 }).toBe('done')
    const { slices, recorded, duplicates, refused, quarantined } = await view()
    expect({ slices, refused, quarantined }).toEqual({ slices: receipts, refused: 0, quarantined: 0 })
    expect(recorded + duplicates).toBe(receipts)
    // Recorded, and not counted when it died: one group of slices at most for each of its steps.
    expect(duplicates).toBeLessThanOrEqual(600)
    expect(await transactions()).toBe(receipts)
  })
})
