import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'
import { expect } from 'vitest'
import type { BusMessage } from '../../src/contract/bus.ts'
import { findDeviceRequest, refuseDevice } from '../../src/identity/device-requests.ts'
import { groupCardNumber } from '../../src/privacy/card-numbers/seeded-numbers.ts'
import { SignedExchange } from '../../src/simulator/till/signed-exchange.ts'
import { TillKey } from '../../src/simulator/till/till-key.ts'
import {
  ownReceipt,
  poslogDocument,
  sensitiveDocuments,
  shopifyOrder,
  squareOrder,
  squarePayment,
} from './documents.ts'
import type { MadeUpNumbers } from './made-up-numbers.ts'
import { inboundTopic, type ScannedHub } from './scanned-hub.ts'

/** One way in: sends what it makes up, and gives back the text of all that it sent. */
export type Boundary = (hub: ScannedHub, numbers: MadeUpNumbers) => Promise<string[]>

const own = (numbers: MadeUpNumbers, count: number) =>
  Array.from({ length: count }, () => JSON.stringify(ownReceipt(numbers)))
const ndjson = { 'content-type': 'application/x-ndjson' }
const octets = { 'content-type': 'application/octet-stream' }
/** In JSON every digit may be an escape. */
const escaped = (text: string) => text.replace(/\d/g, (digit) => `\\u003${digit}`)

const singles: Boundary = async ({ post }, numbers) => {
  const bodies = [
    ...own(numbers, 20),
    JSON.stringify({ ...ownReceipt(numbers), store_note: 'HERE' }).replace('HERE', () => escaped(numbers.plain())),
  ]
  for (const body of bodies) expect((await post('/v1/transactions', body)).status).toBe(201)
  const unknown = own(numbers, 5).map((body) => body.replace('"EUR"', '"XXQ"'))
  for (const body of unknown) expect((await post('/v1/transactions', body)).status).toBe(202)
  // Other content under a number that was recorded: both are kept.
  const other = { ...JSON.parse(bodies[0] ?? ''), operatorId: numbers.plain() }
  const conflict = JSON.stringify(other)
  expect((await post('/v1/transactions', conflict)).status).toBe(409)
  const broken = own(numbers, 5).map((body) => body.slice(0, -1))
  for (const body of broken) expect((await post('/v1/transactions', body)).status).toBe(400)
  return [...bodies, ...unknown, conflict, ...broken]
}

const batches: Boundary = async ({ post }, numbers) => {
  const lines = [
    ...own(numbers, 100),
    ...own(numbers, 5).map((line) => line.replace('"EUR"', '"XXQ"')),
    ...own(numbers, 3).map((line) => line.slice(1)),
  ]
  const { status, said } = await post('/v1/transactions/batch', lines.join('\n'), ndjson)
  expect([status, said.split('"kind":"recorded"').length - 1]).toEqual([200, 100])
  return lines
}

export const documents: Boundary = async ({ post }, numbers) => {
  const whole = poslogDocument(numbers, 150)
  const cut = poslogDocument(numbers, 5).slice(0, -20)
  const orders = JSON.stringify({ orders: Array.from({ length: 10 }, () => shopifyOrder(numbers)) })
  const xml = { 'content-type': 'application/xml' }
  expect((await post('/v1/sources/poslog', whole, xml)).status).toBe(200)
  await post('/v1/sources/poslog', cut, xml)
  expect((await post('/v1/sources/shopify?account=example.myshopify.com', orders)).status).toBe(200)
  return [whole, cut, orders]
}

const webhooks: Boundary = async (hub, numbers) => {
  const orders = Array.from({ length: 40 }, () => JSON.stringify(shopifyOrder(numbers)))
  const broken = orders.splice(-5).map((order) => order.replace('"EUR"', '"ZZZ"'))
  for (const body of [...orders, ...broken]) expect(await hub.shopifyWebhook(body)).toBe(200)
  // Cut before it was signed: kept as it came.
  const cut = JSON.stringify(shopifyOrder(numbers)).slice(0, -1)
  expect(await hub.shopifyWebhook(cut)).toBe(200)
  const square = (type: string, object: object) =>
    JSON.stringify({
      ...{
        merchant_id: 'MLEXAMPLE0001',
        type,
        event_id: `event-${numbers.all().size}`,
        created_at: '2026-03-02T15:04:03Z',
      },
      data: { type: type.split('.')[0], id: 'E', object },
    })
  const told = [
    ...Array.from({ length: 25 }, () => square('payment.updated', { payment: squarePayment(numbers) })),
    square('payment.updated', { payment: { ...squarePayment(numbers), location_id: 'LNOBODY' } }),
    square('order.updated', { order_updated: { order_id: numbers.plain(), state: 'OPEN', note: numbers.spelled() } }),
  ]
  for (const body of told) expect(await hub.squareWebhook(body)).toBe(200)
  const handed = JSON.stringify({ orders: Array.from({ length: 10 }, () => squareOrder(numbers)) })
  expect((await hub.post('/v1/sources/square?account=MLEXAMPLE0001', handed)).status).toBe(200)
  return [...orders, ...broken, cut, ...told, handed]
}

const files: Boundary = async (hub, numbers) => {
  const names = Array.from({ length: 6 }, () => numbers.spelled())
  const [lines, document] = [own(numbers, 60).join('\n'), poslogDocument(numbers, 40)]
  const upload = (content: string, source: string, name = '') =>
    hub.post(`/v1/files?source=${source}&name=${encodeURIComponent(name)}`, content, octets)
  expect((await upload(lines, 'tillflow', names[0])).status).toBe(202)
  expect((await upload(document, 'poslog', names[1])).status).toBe(202)
  // Of another system: all of it is bad, and its file is held.
  const foreign = Array.from({ length: 20 }, () => `{"card": "${numbers.plain()}"}`).join('\n')
  expect((await upload(foreign, 'tillflow', names[2])).status).toBe(202)
  for (const name of names.slice(3)) await upload('', 'tillflow', name)
  return [...names, lines, document, foreign]
}

/** Files that somebody drops into a folder, with a name of theirs. */
const droppedFiles: Boundary = async ({ hub, commands, directory, token, answers }, numbers) => {
  const folder = join(directory, 'drop')
  mkdirSync(folder)
  const names = [numbers.plain(), numbers.plain(), numbers.plain()]
  const contents = [
    own(numbers, 25).join('\n'),
    poslogDocument(numbers, 15),
    `no till wrote this: ${numbers.spelled()}`,
  ]
  for (const [index, content] of contents.entries())
    writeFileSync(join(folder, `receipts ${names[index]}.txt`), content)
  const args = ['watch', folder, '--to', hub.address, '--stable', '0', '--interval', '0.1', '--once', '--json']
  const { stdout, stderr } = await commands.run(args, { TILLFLOW_TOKEN: token })
  answers.push(stdout, stderr)
  expect(stdout.match(/"outcome":"(done|rejected)"/g)).toHaveLength(3)
  return [...names, ...contents]
}

const busMessages: Boundary = async ({ bus }, numbers) => {
  const messageOf = (body: string, more: Partial<BusMessage> = {}): BusMessage => ({
    ...{
      topic: inboundTopic,
      orderingKey: '9/3',
      headers: {},
      contentType: 'application/json',
      body: Buffer.from(body),
    },
    ...more,
  })
  const receipts = own(numbers, 60)
  const broken = [...own(numbers, 5).map((body) => body.slice(0, -1)), `card ${numbers.spelled()}`]
  const words = Array.from({ length: 6 }, () => numbers.plain())
  const [id = '', source = '', type = '', header = '', trace = '', key = ''] = words
  const told = own(numbers, 2)
  await bus.publish([
    ...[...receipts, ...broken].map((body) => messageOf(body)),
    messageOf(told[0] ?? '', { cloudEvent: { specversion: '1.0', id, source, type } }),
    messageOf(told[1] ?? '', { headers: { 'x-note': header, traceparent: trace }, orderingKey: key }),
    messageOf(sensitiveDocuments[0] ?? ''),
  ])
  return [...receipts, ...broken, ...words, ...told]
}

/** Where nobody expects one: headers, addresses, credentials, and the words of people who run the hub. */
const elsewhere: Boundary = async ({ commands, ask, post, answers, targets }, numbers) => {
  const sent: string[] = []
  const note = (words: string) => {
    sent.push(words)
    return words
  }
  const plain = () => note(numbers.plain())
  for (const name of [
    'user-agent',
    'idempotency-key',
    'x-request-id',
    'tracestate',
    'baggage',
    'cookie',
    'traceparent',
  ])
    await ask('GET', '/v1/targets', { [name]: plain() })
  await ask('GET', '/v1/targets', { authorization: `Bearer ${plain()}` })
  const paths = [
    '/v1/files/',
    '/v1/erasures/',
    '/v1/targets/',
    '/v1/sources/',
    '/nothing/',
    '/v1/files?before=',
    '/oauth/',
  ]
  for (const path of paths) await ask('GET', `${path}${plain()}?q=${plain()}&note=${plain()}`)
  await post(`/v1/sources/${plain()}`, '{}')
  await post(`/v1/transactions?${plain()}=${plain()}`, `{"unknown": "${plain()}"}`)
  const reason = () => note(numbers.spelled())
  expect((await post('/v1/targets/archive/pause', JSON.stringify({ reason: reason() }))).status).toBe(200)
  expect((await post('/v1/targets/archive/resume', JSON.stringify({ reason: reason() }))).status).toBe(200)
  expect((await post('/v1/targets/archive/replays', JSON.stringify({ reason: reason() }))).status).toBeLessThan(300)
  const erasing = { subject: 'customer:C-NOBODY', reason: reason() }
  expect((await post('/v1/subjects/erase', JSON.stringify(erasing))).status).toBe(202)
  targets.refuseWith(note(numbers.plain()))
  const asked = [
    ['token', 'create', '--name', reason(), '--stores', '9', '--reason', reason()],
    ['hold', 'add', 'customer:C-HELD', '--reason', reason()],
    ['pause', plain(), '--reason', reason()],
  ]
  for (const { stdout, stderr } of await Promise.all(asked.map((args) => commands.run(args))))
    answers.push(stdout, stderr)
  return sent
}

/** What a till that asks for a code calls itself, which stays in acts. */
const tillNames: Boundary = async ({ hub, database, identityKey, answers }, numbers) => {
  const key = await identityKey()
  const names = [
    numbers.plain(),
    `Till ${groupCardNumber(numbers.plain(), ' ')}`,
    groupCardNumber(numbers.plain(), '-'),
    groupCardNumber(numbers.plain(), '.'),
  ]
  const pool = new Pool(hub.address)
  const till = new SignedExchange(hub.address, TillKey.generate(), { pool })
  for (const name of names) {
    const form = { client_id: 'tillflow-till', scope: 'enrol:till', device_name: name }
    const { status, text } = await till.postForm('/oauth/device/auth', form)
    expect(status).toBe(200)
    const typed = { userCode: String(JSON.parse(text).user_code), actor: 'person:test' }
    const { deviceName = '' } = await findDeviceRequest(database.pool, key, typed)
    answers.push(text, deviceName)
    await refuseDevice(database.pool, key, typed)
  }
  await pool.destroy()
  return names
}

export const boundaries: Readonly<Record<string, Boundary>> = {
  elsewhere,
  tillNames,
  singles,
  batches,
  documents,
  webhooks,
  files,
  droppedFiles,
  busMessages,
}
