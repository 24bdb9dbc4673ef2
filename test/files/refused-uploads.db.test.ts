import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSale } from '../../src/testing/receipts.ts'
import { openUploadHub, type UploadHub } from './upload-hub.ts'

let hub: UploadHub
beforeAll(async () => {
  hub = await openUploadHub()
})
afterAll(() => hub?.close())

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
    const before = await hub.countOf('files')
    expect(await hub.upload(content, query, hub.tokens.all, type)).toMatchObject({ status, code })
    expect([await hub.countOf('files'), await hub.countOf('file_chunks')]).toEqual([before, 0])
  })

  it('one that breaks off', async () => {
    const before = await hub.countOf('files')
    const { port } = new URL(hub.address)
    const socket = connect(Number(port), '127.0.0.1')
    const head = `POST /v1/files?source=tillflow HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${hub.tokens.all}\r\ncontent-type: application/octet-stream\r\ncontent-length: 2000000\r\n\r\n`
    socket.write(head + hub.sales(20).join('\n'))
    await expect.poll(() => hub.countOf('files'), { timeout: 10_000 }).toBe(before + 1)
    socket.destroy()
    await once(socket, 'close')
    await expect.poll(() => hub.countOf('files'), { timeout: 10_000 }).toBe(before)
    expect(await hub.countOf('file_chunks')).toBe(0)
  })

  it('more than may wait', async () => {
    const waiting = []
    for (let index = 0; index < 5; index += 1) waiting.push(await hub.upload(hub.sales(1).join('')))
    expect(await hub.upload(hub.sales(1).join(''))).toMatchObject({ status: 503, code: 'temporary-reduced-capacity' })
    for (const { fileId } of waiting) await hub.settle(fileId)
  })
})

it('bytes are kept encrypted, with card numbers masked before, and the right content passes its check', async () => {
  const sale = makeSale(900_001, { extensions: { note: 'card 4111 1111 1111 1111' } })
  const content = JSON.stringify(sale)
  const { fileId } = await hub.upload(
    content,
    `source=tillflow&sha256=${createHash('sha256').update(content).digest('hex')}`,
  )
  const { rows } = await hub.pool.query<{ sealed: Buffer }>('select sealed from file_chunks where file_id = $1', [
    fileId,
  ])
  expect(rows).toHaveLength(1)
  expect(rows[0]?.sealed.toString('latin1')).not.toMatch(/SALE|4111/)
  expect(await hub.settle(fileId)).toMatchObject({ state: 'done', recorded: 1 })
  const { rows: records } = await hub.pool.query<{ fidelity: string }>(
    "select fidelity from raw_records where fidelity = 'masked'",
  )
  expect(records).toHaveLength(1)
})

it.each(['?limit=0', '?limit=201', '?limit=x', '?before=1'])('there is no page %s', async (query) => {
  expect(await hub.get(query)).toMatchObject({ status: 400, code: 'invalid-page' })
})
