import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readActs } from '../../src/audit/acts.ts'
import { openUploadHub, type UploadHub } from './upload-hub.ts'

let hub: UploadHub
beforeAll(async () => {
  hub = await openUploadHub()
})
afterAll(() => hub?.close())

describe('a file that is uploaded', () => {
  it('is held where too much of it is bad, and goes on when somebody says so', async () => {
    const lines = hub.sales(500)
    for (let at = 5; at < 200; at += 10) lines[at] = '{"broken":'
    const { fileId } = await hub.upload(lines.join('\n'))
    const held = await hub.settle(fileId)
    expect(held).toMatchObject({ state: 'held', slices: 200, refused: 20, problem: { code: 'file-quality' } })
    expect(await hub.countOf('file_chunks')).toBeGreaterThan(0)
    const decide = async (decision: string, token = hub.tokens.all) =>
      (
        await fetch(`${hub.address}/v1/files/${fileId}/${decision}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        })
      ).status
    expect([await decide('resume', hub.tokens.other), await decide('resume')]).toEqual([404, 200])
    expect(await hub.settle(fileId)).toMatchObject({
      state: 'done',
      slices: 500,
      recorded: 480,
      duplicates: 0,
      refused: 20,
    })
    expect([await decide('resume'), await decide('discard')]).toEqual([409, 409])
    expect(await hub.countOf('file_chunks')).toBe(0)
    const { rows } = await hub.pool.query('select sender_id from files where file_id = $1', [fileId])
    // Neither what another token may not, nor what came too late, is an act.
    expect(await readActs(hub.pool, `file:${fileId}`)).toMatchObject([
      {
        act: 'file.resume',
        actor: `token:${rows[0].sender_id}`,
        details: { source: 'tillflow', problem: 'file-quality', slices: 200 },
      },
    ])
  })

  it('is let go where nobody wants the rest', async () => {
    const lines = hub.sales(300)
    for (let at = 5; at < 200; at += 10) lines[at] = '{"broken":'
    const { fileId } = await hub.upload(lines.join('\n'))
    await hub.settle(fileId)
    const headers = { authorization: `Bearer ${hub.tokens.all}` }
    expect((await fetch(`${hub.address}/v1/files/${fileId}/discard`, { method: 'POST', headers })).status).toBe(200)
    expect(await hub.get(`/${fileId}`)).toMatchObject({
      state: 'rejected',
      slices: 200,
      problem: { code: 'file-quality' },
    })
    expect(await hub.countOf('file_chunks')).toBe(0)
    expect(await readActs(hub.pool, `file:${fileId}`)).toMatchObject([
      { act: 'file.discard', details: { source: 'tillflow', problem: 'file-quality', slices: 200 } },
    ])
  })

  it('of a few lines is recorded to its end, and says when too many were bad', async () => {
    const { fileId } = await hub.upload([...hub.sales(8), '{"broken":'].join('\n'))
    expect(await hub.settle(fileId)).toMatchObject({ state: 'done', recorded: 8, problem: { code: 'file-quality' } })
  })

  it('is rejected where it cannot be read to its end, and may come again', async () => {
    const { fileId } = await hub.upload(
      '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/"><Transaction>',
      'source=poslog',
    )
    expect(await hub.settle(fileId)).toMatchObject({ state: 'rejected', problem: { code: 'xml-malformed' } })
  })

  it('speaks for the stores of its sender only, and is seen by that sender and operators only', async () => {
    const { fileId } = await hub.upload(hub.sales(2).join('\n'), 'source=tillflow', hub.tokens.store8)
    const worker = hub.work()
    await expect
      .poll(async () => (await hub.get(`/${fileId}`, hub.tokens.admin)).state, { timeout: 20_000 })
      .toBe('done')
    await worker.stop()
    expect(await hub.get(`/${fileId}`, hub.tokens.store8)).toMatchObject({
      recorded: 0,
      refused: 2,
      errors: [{ code: 'scope-store' }, { code: 'scope-store' }],
    })
    expect(await hub.get(`/${fileId}`, hub.tokens.other)).toMatchObject({ status: 404, code: 'not-found' })
    expect(await hub.get('', hub.tokens.other)).toMatchObject({ status: 200, files: [] })
    // Limited to a store, a token that may look after files reads those of this store, and those of nobody else.
    const own = await hub.upload(hub.sales(3).join('\n'), 'source=tillflow', hub.tokens.adminOfStore8)
    expect(await hub.get(`/${own.fileId}`, hub.tokens.adminOfStore8)).toMatchObject({ status: 200 })
    const foreign = await hub.upload(hub.sales(1).join('\n'))
    expect(await hub.get(`/${foreign.fileId}`, hub.tokens.adminOfStore8)).toMatchObject({
      status: 404,
      code: 'not-found',
    })
    const { files: seen = [] } = await hub.get('', hub.tokens.adminOfStore8)
    expect(seen).toEqual(
      expect.arrayContaining([own, { fileId }].map((one) => expect.objectContaining({ fileId: one.fileId }))),
    )
    expect(seen.some((one) => one.fileId === foreign.fileId)).toBe(false)
    await hub.settle(own.fileId)
    await hub.settle(foreign.fileId)
    const { files: all = [] } = await hub.get('', hub.tokens.admin)
    const first = await hub.get('?limit=2', hub.tokens.admin)
    const second = await hub.get(`?limit=2&before=${first.next}`, hub.tokens.admin)
    const paged = [...(first.files ?? []), ...(second.files ?? [])]
    expect(paged).toHaveLength(4)
    expect(paged).toEqual(all.slice(0, 4))
  })
})
