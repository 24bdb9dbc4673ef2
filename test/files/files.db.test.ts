import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { advanceFile, claimFile } from '../../src/files/queries.ts'
import { receiveFile } from '../../src/files/receive-file.ts'
import type { RecordSlices } from '../../src/files/record-files.ts'
import { recordUploadedFiles } from '../../src/http/record-uploaded-file.ts'
import { openUploadHub, type UploadHub } from './upload-hub.ts'

let hub: UploadHub
beforeAll(async () => {
  hub = await openUploadHub()
})
afterAll(() => hub?.close())

describe('a file that is uploaded', () => {
  it('is kept, then recorded, and says what was bad in it, page by page', async () => {
    const lines = hub.sales(450)
    for (const at of [10, 200, 440]) lines[at] = '{"broken":'
    const accepted = await hub.upload(lines.join('\n'))
    expect(accepted).toMatchObject({ status: 202, duplicate: false })
    expect(await hub.get(`/${accepted.fileId}`)).toMatchObject({ state: 'waiting', name: 'day.ndjson', slices: 0 })
    const before = await hub.countOf('transactions')
    const view = await hub.settle(accepted.fileId)
    expect(view).toMatchObject({ state: 'done', slices: 450, recorded: 447, refused: 3, duplicates: 0 })
    expect(await hub.countOf('transactions')).toBe(before + 447)
    expect(view.errors).toMatchObject(
      [11, 201, 441].map((slice) => ({ slice, kind: 'refused', code: 'json-malformed' })),
    )
    expect(await hub.get(`/${accepted.fileId}?limit=2`)).toMatchObject({
      errors: [{ slice: 11 }, { slice: 201 }],
      next: 201,
    })
    expect(await hub.get(`/${accepted.fileId}?limit=2&after=201`)).toMatchObject({ errors: [{ slice: 441 }] })
    expect(await hub.countOf('file_chunks')).toBe(0)
  })

  it('is known again by its content, whatever its name', async () => {
    const content = hub.sales(3).join('\n')
    const first = await hub.upload(content)
    await hub.settle(first.fileId)
    expect(await hub.upload(content, 'source=tillflow&name=again')).toEqual({
      status: 200,
      fileId: first.fileId,
      duplicate: true,
    })
    expect(await hub.countOf('file_chunks')).toBe(0)
  })

  it('is taken again where slices of it were refused, so that the right token gets them in', async () => {
    const content = hub.sales(2).join('\n')
    const refused = await hub.upload(content, 'source=tillflow', hub.tokens.store8)
    expect(await hub.settle(refused.fileId, recordUploadedFiles(hub.deps), hub.tokens.admin)).toMatchObject({
      state: 'done',
      recorded: 0,
      refused: 2,
    })
    const again = await hub.upload(content)
    expect(again).toMatchObject({ status: 202, duplicate: false })
    expect(await hub.settle(again.fileId)).toMatchObject({ state: 'done', recorded: 2, refused: 0 })
    expect(await hub.upload(content)).toMatchObject({ status: 200, fileId: again.fileId, duplicate: true })
  })

  it('is another file in another account', async () => {
    const receive = (account?: string) =>
      receiveFile(
        hub.pool,
        hub.vault,
        { name: 'day', source: 'shopify', senderId: 'nobody', ...(account !== undefined && { account }) },
        Readable.from([Buffer.from('the same in every shop')]),
        { bytesMax: 100, waitingMax: 5 },
        () => true,
      )
    const finish = (fileId: string) =>
      hub.pool.query("update files set state = 'done', finished_at = clock_timestamp() where file_id = $1", [fileId])
    for (const account of ['one', 'two', undefined]) {
      const first = await receive(account)
      expect(first.isRepeat).toBe(false)
      await finish(first.fileId)
      expect(await receive(account)).toEqual({ fileId: first.fileId, isRepeat: true })
    }
    await hub.pool.query("delete from files where source = 'shopify'")
  })

  it('goes on after a hub that died, from the last slices that were recorded', async () => {
    const { fileId } = await hub.upload(hub.sales(900).join('\n'))
    const recordAll = recordUploadedFiles(hub.deps)
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
          await hub.pool.query("update files set claimed_until = '2000-01-01' where file_id = $1", [file.file_id])
          throw new Error('killed')
        }
      }
    }
    const view = await hub.settle(fileId, dying)
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
    const { fileId } = await hub.upload(hub.sales(3).join('\n'))
    let tries = 0
    const failing: RecordSlices = async function* (file, input) {
      for await (const answer of recordUploadedFiles(hub.deps)(file, input)) {
        if (answer.slice === 2) tries += 1
        yield answer.slice === 2 ? { slice: 2, status: 500, code: 'internal-error', detail: 'broken' } : answer
      }
    }
    const worker = hub.work(failing)
    try {
      for (;;) {
        const view = await hub.get(`/${fileId}`)
        if (view.state === 'done') {
          // Slices are recorded together: what stands behind the failing one was in the first time.
          expect(view).toMatchObject({ slices: 3, recorded: 1, duplicates: 1, refused: 1 })
          expect(view.errors).toMatchObject([{ slice: 2, kind: 'refused', code: 'internal-error' }])
          break
        }
        // Nobody waits five seconds here.
        await hub.pool.query(
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
    const { fileId } = await hub.upload(hub.sales(2).join('\n'))
    const old = await claimFile(hub.pool, 60)
    await hub.pool.query("update files set claimed_until = '2000-01-01' where file_id = $1", [fileId])
    const current = await claimFile(hub.pool, 60)
    expect([old?.file_id, current?.file_id]).toEqual([fileId, fileId])
    expect(await claimFile(hub.pool, 60)).toBeUndefined()
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
    expect(await advanceFile(hub.pool, fileId, old?.fence ?? '', 60, one)).toBeUndefined()
    expect(await hub.get(`/${fileId}`)).toMatchObject({ slices: 0, recorded: 0 })
    await hub.pool.query("update files set claimed_until = '2000-01-01' where file_id = $1", [fileId])
    expect(await hub.settle(fileId)).toMatchObject({ state: 'done', recorded: 2 })
  })
})
