import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../contract/clock.ts'
import { makeSale } from '../../testing/receipts.ts'
import type { TillUpload } from '../faults/misbehave.ts'
import { AcknowledgementRecord, parseAcknowledgements } from './acknowledgements.ts'
import { HubClient } from './hub-client.ts'
import { noHubCounts, sendUploads } from './send-uploads.ts'

type Answer = (request: IncomingMessage, lines: string[], response: ServerResponse) => void

const writer = {
  fileExtension: '.ndjson',
  mediaType: 'application/x-ndjson',
  canWrite: () => true,
  writeDocument: () => '',
}
const context = { store: () => expect.unreachable('our own lines need no store') }

/** A hub that answers as it is told, on a real socket; and a clock whose waits cost nothing and are written down. */
describe('sending to a hub that is not well', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tillflow-sender-'))
  let server: Server
  let pool: Pool
  let answers: Answer[]
  let waitsMs: number[]
  let received: string[][]
  let nowMs: number
  const clock: Clock = {
    now: () => nowMs,
    sleep: async (durationMs) => {
      waitsMs.push(durationMs)
      nowMs += durationMs
    },
  }

  beforeEach(async () => {
    ;[answers, waitsMs, received, nowMs] = [[], [], [], 0]
    server = createServer(async (request, response) => {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      const lines = text.split('\n').filter((line) => line !== '')
      received.push(lines)
      const answer = answers.shift() ?? record
      answer(request, lines, response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterEach(async () => {
    await pool.destroy()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(join(directory, 'record'), { force: true })
  })

  const record: Answer = (_, lines, response) => {
    response.end(lines.map((line) => `${JSON.stringify(recorded(JSON.parse(line).sequenceNumber))}\n`).join(''))
  }
  const recorded = (number: number) => ({
    status: 201,
    kind: 'recorded',
    transactionId: String(number),
    transactionKey: `k${number}`,
  })
  const uploads = (...numbers: number[]): TillUpload[] =>
    numbers.map((number) => ({ transaction: makeSale(number), happened: makeSale(number), kind: 'receipt' }))

  async function send(some: TillUpload[], signal = new AbortController().signal) {
    const file = await AcknowledgementRecord.open(join(directory, 'record'))
    const client = new HubClient({ pool, token: 't', signal, clock })
    const counts = noHubCounts()
    const refusals: string[] = []
    try {
      await sendUploads(some, { client, format: { name: 'tillflow', writer }, context, record: file, counts, refusals })
    } finally {
      await file.close()
    }
    const kept = parseAcknowledgements(readFileSync(join(directory, 'record'), 'utf8'))
    return { counts, refusals, keys: kept.map((one) => one.transactionKey), retries: client.retries }
  }

  it('waits as long as it is told to, and sends the same again', async () => {
    answers = [
      (_, __, response) => response.writeHead(503, { 'retry-after': '7' }).end('{}'),
      (_, __, response) => response.writeHead(429).end('{}'),
    ]
    const { counts, keys, retries } = await send(uploads(1, 2))
    expect(waitsMs).toEqual([7_000, 200])
    expect(received[1]).toEqual(received[0])
    expect([keys, retries, counts.recorded]).toEqual([['k1', 'k2'], 2, 2])
  })

  it('sends again from the line that could not be recorded, in the order of the till', async () => {
    answers = [
      (_, lines, response) => {
        const all = lines.map((_line, index) =>
          index < 1 ? recorded(1) : { status: 503, code: 'storage-unavailable' },
        )
        response.end(all.map((one) => `${JSON.stringify(one)}\n`).join(''))
      },
    ]
    const { keys, counts } = await send(uploads(1, 2, 3))
    expect(received.map((lines) => lines.map((line) => JSON.parse(line).sequenceNumber))).toEqual([
      [1, 2, 3],
      [2, 3],
    ])
    expect(keys).toEqual(['k1', 'k2', 'k3'])
    expect(counts).toMatchObject({ uploads: 3, recorded: 3, refused: 0 })
  })

  it('does not take a broken line for an answer', async () => {
    answers = [(_, __, response) => response.destroy()]
    const { keys, retries } = await send(uploads(1))
    expect([keys, retries, received.length]).toEqual([['k1'], 1, 2])
  })

  it('takes an answer that was lost for a yes when it hears that the receipt is there', async () => {
    answers = [
      (_, __, response) => response.end(`${JSON.stringify({ ...recorded(1), status: 200, kind: 'duplicate' })}\n`),
    ]
    expect(await send(uploads(1))).toMatchObject({ keys: ['k1'], counts: { recorded: 1, duplicates: 0 } })
  })

  it('counts what is refused, with the words of the hub, and promises nothing', async () => {
    const refusal = { status: 422, code: 'scope', detail: 'not yours' }
    answers = [(_, __, response) => response.end(`${JSON.stringify(refusal)}\n`)]
    expect(await send(uploads(1))).toMatchObject({ keys: [], refusals: ['scope: not yours'], counts: { refused: 1 } })
  })

  it('gives up on a token that is wrong at once, and on silence in time', async () => {
    answers = [(_, __, response) => response.writeHead(401).end('{"code":"unauthorized"}')]
    await expect(send(uploads(1))).rejects.toMatchObject({ code: 'unauthorized' })
    await new Promise((resolve) => server.close(resolve).closeAllConnections())
    await expect(send(uploads(1))).rejects.toMatchObject({ code: 'hub-not-running' })
    expect(nowMs).toBeLessThan(10_000)
  })

  it("sends a vendor's document whole, and one that is broken by itself, which must not be kept", async () => {
    const vendor = {
      ...writer,
      mediaType: 'application/json',
      writeDocument: (all: readonly object[]) => JSON.stringify(all),
    }
    const [first, second, broken] = uploads(1, 2, 3)
    if (!first || !second || !broken) return expect.unreachable()
    const malformed = { code: 'json-malformed', detail: 'The body is not JSON.' }
    answers = [
      (request, _, response) => {
        expect(request.url).toBe('/v1/sources/vendor?account=a%2Fb')
        // Three facts of two receipts: which is whose the sender cannot know, so it promises nothing in writing.
        response.end([1, 2, 3].map((number) => `${JSON.stringify(recorded(number))}\n`).join(''))
      },
      (_, __, response) => response.writeHead(400).end(JSON.stringify(malformed)),
    ]
    const file = await AcknowledgementRecord.open(join(directory, 'record'))
    const client = new HubClient({ pool, token: 't', signal: new AbortController().signal, clock })
    const counts = noHubCounts()
    const account = { account: 'a/b', storeOf: () => undefined }
    const options = { client, context: { ...context, account }, record: file, counts, refusals: [] }
    await sendUploads([first, { ...broken, kind: 'unreadable' }, second], {
      ...options,
      format: { name: 'vendor', writer: vendor },
    })
    await file.close()
    expect(counts).toMatchObject({ uploads: 3, recorded: 3, refused: 0, unreadable: 1 })
    expect(JSON.parse(received[0]?.[0] ?? '')).toHaveLength(2)
    expect(() => JSON.parse(received[1]?.[0] ?? '')).toThrow()
    expect(readFileSync(join(directory, 'record'), 'utf8')).toBe('')
  })

  it('stops when it is told to, between two attempts', async () => {
    const stopping = new AbortController()
    answers = [
      (_, __, response) => {
        stopping.abort()
        response.writeHead(503).end('{}')
      },
    ]
    expect(await send(uploads(1), stopping.signal)).toMatchObject({ keys: [], counts: { recorded: 0 } })
    expect(received.length).toBe(1)
  })
})
