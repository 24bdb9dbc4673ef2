import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../../src/testing/database/test-server.ts'
import { boundaries, documents } from './boundaries.ts'
import { ownReceipt, sensitiveDocuments, trackWord } from './documents.ts'
import { type MadeUpNumbers, makeUpNumbers } from './made-up-numbers.ts'
import { type ScannedHub, startScannedHub } from './scanned-hub.ts'
import { NumberSearch } from './search.ts'

/**
 * I26: ten thousand card numbers go into a hub by every way in, and come out nowhere. What is in fields that hold numbers of machines
 * (receipts, references, approvals) is not asked for: such numbers cannot be told from cards (`src/privacy/card-numbers/exempt.ts`).
 */
const numbersCount = 10_000
let server: TestServer
let hub: ScannedHub
/** Whose scanner does not look at the documents of vendors. */
let blind: ScannedHub

beforeAll(async () => {
  server = await startTestServer()
  const blinding = ['--import', join(import.meta.dirname, 'blind-documents.ts')]
  ;[hub, blind] = await Promise.all([startScannedHub(server), startScannedHub(server, blinding)])
})
afterAll(async () => {
  await Promise.all([hub?.stop(), blind?.stop()])
  await server?.stop()
})

it('ten thousand card numbers go in everywhere and are found nowhere', async () => {
  const numbers = makeUpNumbers(26)
  const sent: string[] = []
  for (const send of Object.values(boundaries)) sent.push(...(await send(hub, numbers)))
  for (const line of await fill(numbers)) sent.push(line)
  const search = new NumberSearch(numbers.all())
  // The search sees every number in every spelling, so that it would see what is kept.
  expect(search.in(sent.join('\n')).size).toBe(numbersCount)

  await settle()
  await refuseWhatMayNeverBeKept()
  const isThere = (line: string) => search.in(line).size > 0 || line.includes(trackWord)
  const found = Object.entries(await everything()).flatMap(([place, text]) =>
    text
      .split('\n')
      .filter(isThere)
      .map((line) => `${place}: ${line.slice(0, 120)}`),
  )
  expect(found).toEqual([])
}, 120_000)

it('the same search finds them where the scanner does not look at the documents of vendors', async () => {
  const numbers = makeUpNumbers(27)
  const sent = await documents(blind, numbers)
  const search = new NumberSearch(numbers.all())
  const found = search.in(await blind.dump())
  // Of a document that was cut only the whole receipts are kept.
  expect(found.size).toBeGreaterThan(search.in(sent.join('\n')).size * 0.9)
})

/** Batches until so many numbers were sent. */
async function fill(numbers: MadeUpNumbers): Promise<string[]> {
  const all: string[] = []
  while (numbers.all().size < numbersCount) {
    const lines: string[] = []
    while (lines.length < 500 && numbers.all().size < numbersCount - 20) lines.push(JSON.stringify(ownReceipt(numbers)))
    if (lines.length < 500)
      while (numbers.all().size < numbersCount) lines.push(JSON.stringify({ 'acme:note': numbers.spelled() }))
    const { status } = await hub.post('/v1/transactions/batch', lines.join('\n'), {
      'content-type': 'application/x-ndjson',
    })
    expect(status).toBe(200)
    all.push(...lines)
  }
  return all
}

async function refuseWhatMayNeverBeKept(): Promise<void> {
  const before = await hub.count('transactions')
  for (const body of sensitiveDocuments) expect((await hub.post('/v1/transactions', body)).status).toBe(422)
  const inBatch = await hub.post('/v1/transactions/batch', sensitiveDocuments.join('\n'), {
    'content-type': 'application/x-ndjson',
  })
  expect(inBatch.said.match(/"code":"sensitive-authentication-data"/g)).toHaveLength(sensitiveDocuments.length)
  const file = await hub.post('/v1/files?source=tillflow', sensitiveDocuments.join('\n'), {
    'content-type': 'application/octet-stream',
  })
  expect(file.status).toBe(422)
  for (const body of sensitiveDocuments) expect(await hub.shopifyWebhook(body)).toBe(422)
  const reason = await hub.post('/v1/targets/shop/pause', JSON.stringify({ reason: sensitiveDocuments[0] }))
  expect(reason.status).toBe(422)
  const words = await hub.commands.run(['token', 'create', '--stores', '9', '--name', sensitiveDocuments[0] ?? ''])
  expect([words.code, words.stderr.includes(trackWord)]).toEqual([2, false])
  expect(await hub.count('transactions')).toBe(before)
}

/** Until everything that came in is recorded, delivered or parked, and told. */
async function settle(): Promise<void> {
  interface Status {
    targets: { name: string; pending: number }[]
  }
  const open = `files where state not in ('done', 'held', 'rejected')`
  await expect.poll(() => hub.count(open), { timeout: 30_000, interval: 200 }).toBe(0)
  const pending = async () =>
    (await hub.commands.printed<Status>(['status'])).targets.map(({ name, pending }) => `${name} ${pending}`).sort()
  await expect.poll(pending, { timeout: 60_000, interval: 200 }).toEqual(['archive 0', 'picky 0', 'shop 0'])
  await expect.poll(() => hub.count('quarantine'), { timeout: 15_000 }).toBeGreaterThanOrEqual(24)
  await hub.ask('GET', '/v1/targets/picky/parked')
}

/** All that a hub keeps and says, by place. */
async function everything(): Promise<Record<string, string>> {
  const metrics = await (await fetch(`${hub.hub.address}/metrics`)).text()
  const parked = await hub.commands.run(['lanes', '--parked', '--json'])
  const dump = await hub.dump()
  const published = await hub.published()
  const { targets, collector, answers } = hub
  expect(targets.requests.length).toBeGreaterThan(1_000)
  expect(published).toContain('pos.transaction.recorded')
  expect(collector.spans.length).toBeGreaterThan(100)
  // What was masked was kept: the hub has not simply lost what was sent.
  expect(dump.match(/\d{6}X{4,9}\d{4}/g)?.length).toBeGreaterThan(numbersCount / 4)
  return {
    database: dump,
    bus: published,
    log: hub.hub.log(),
    traces: Buffer.concat(collector.bodies).toString('utf8'),
    metrics,
    answers: answers.join('\n'),
    'parked entries': parked.stdout + parked.stderr,
    'requests to targets': targets.requests.join('\n'),
    files: filesIn(hub.directory),
  }
}

/** Names and contents of all files of the hub: those that it delivers to, those that were dropped, and its own. */
function filesIn(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${entry.name}\n${readFileSync(path, 'utf8')}` : entry.name
    })
    .join('\n')
}
