import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub, type TestHub } from './hub.ts'
import { marker, type Row, sale, visa } from './row.ts'
import { addressRows } from './rows/address-rows.ts'
import { cardNumberRows, hashOfCard } from './rows/card-number-rows.ts'
import { codesRows } from './rows/codes-rows.ts'
import { jsonRows } from './rows/json-rows.ts'
import { moneyRows } from './rows/money-rows.ts'
import { timeRows } from './rows/time-rows.ts'
import { transportRows } from './rows/transport-rows.ts'
import { xmlRows } from './rows/xml-rows.ts'

const rows = [
  ...jsonRows,
  ...moneyRows,
  ...codesRows,
  ...timeRows,
  ...cardNumberRows,
  ...xmlRows,
  ...transportRows,
  ...addressRows,
]

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await startTestHub(database.pool)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const count = async (table: string): Promise<number> =>
  Number((await database.pool.query(`select count(*) from ${table}`)).rows[0].count)

async function send(one: Row, token = hub.token) {
  return hub.server.inject({
    method: one.method ?? 'POST',
    url: one.path ?? '/v1/transactions',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...one.headers },
    payload: one.body,
  })
}

describe('the bad-input catalogue over HTTP', () => {
  it.each(rows.map((one): [string, Row] => [`${one.row}: ${one.name}`, one]))('%s', async (_name, one) => {
    const before = { recorded: await count('transactions'), quarantined: await count('quarantine') }
    const answer = await send(one)
    expect(answer.statusCode).toBe(one.status)
    expect(answer.body).not.toContain(marker)
    expect(answer.body).not.toMatch(/\.ts:\d|node_modules/)
    const body = answer.json()
    if (one.code !== undefined) expect(body.problem ?? body.code).toBe(one.code)
    if (answer.statusCode >= 400) expect(answer.headers['content-type']).toMatch('application/problem+json')
    if (one.finding !== undefined)
      expect(body.findings.map((finding: { check: string }) => finding.check)).toContain(one.finding)
    expect({ recorded: await count('transactions'), quarantined: await count('quarantine') }).toEqual({
      recorded: before.recorded + (one.kept === 'recorded' ? 1 : 0),
      quarantined: before.quarantined + (one.kept === 'quarantined' ? 1 : 0),
    })
  })

  it('16: the same till number with other content conflicts, and the first stays', async () => {
    const first = await send({ row: 16, name: '', body: JSON.stringify(makeSale(77)), status: 201, kept: 'recorded' })
    const other = await send({
      row: 16,
      name: '',
      body: JSON.stringify(makeSale(77, { operatorId: 'x' })),
      status: 409,
      kept: 'nothing',
    })
    expect([first.statusCode, other.statusCode]).toEqual([201, 409])
    expect(other.json()).toMatchObject({ code: 'transaction-conflict', transactionId: first.json().transactionId })
    const again = await send({ row: 16, name: '', body: JSON.stringify(makeSale(77)), status: 200, kept: 'nothing' })
    expect(again.json()).toEqual({ ...first.json(), kind: 'duplicate' })
  })

  it('18: the same receipt many times at once is recorded once, and the others get its answer', async () => {
    const one: Row = { row: 18, name: '', body: sale(), status: 201, kept: 'recorded' }
    const before = await count('transactions')
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(one)))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(19).fill(200), 201])
    expect(new Set(answers.map((answer) => answer.json().transactionId)).size).toBe(1)
    expect(await count('transactions')).toBe(before + 1)
  })

  it.each([
    [17, 'another body', 'the-same-key'],
    [19, 'a key of no form', '"'.repeat(300)],
  ])('%i: %s under an Idempotency-Key is a receipt of its own: the till number is the key', async (row, name, key) => {
    const headers = { 'idempotency-key': key }
    const first = await send({ row, name, body: sale(), headers, status: 201, kept: 'recorded' })
    const other = await send({ row, name, body: sale(), headers, status: 201, kept: 'recorded' })
    expect([first.statusCode, other.statusCode]).toEqual([201, 201])
    expect(other.json().transactionId).not.toBe(first.json().transactionId)
  })

  it('20: the Idempotency-Key of another client brings none of its answers', async () => {
    const headers = { 'idempotency-key': 'guessed' }
    const mine: Row = { row: 20, name: '', body: sale(), headers, status: 201, kept: 'recorded' }
    const theirs: Row = { ...mine, body: sale() }
    const answers = [await send(mine), await send(theirs, hub.storeToken)]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201])
    expect(answers[1]?.body).not.toContain(answers[0]?.json().transactionId)
  })

  it('30, 33: no card number and no hash of one is anywhere in the database', async () => {
    const { rows: events } = await database.pool.query('select data::text as text from journal_events')
    for (const { text } of events) for (const secret of [visa, hashOfCard]) expect(text).not.toContain(secret)
  })

  it('56: a token of one store does not speak for another', async () => {
    const answer = await send(
      { row: 56, name: '', body: sale({ businessUnitId: '10' }), status: 403, kept: 'nothing' },
      hub.storeToken,
    )
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'scope-store'])
  })

  it('58: no token, and one that is made up, come to nothing', async () => {
    for (const token of ['', 'tf_000000000000_0000000000000000000000000000000000000000000']) {
      const answer = await send({ row: 58, name: '', body: sale(), status: 401, kept: 'nothing' }, token)
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthorized'])
    }
  })
})

describe('the bad-input catalogue in batches', () => {
  const post = (payload: string) =>
    hub.server.inject({
      method: 'POST',
      url: '/v1/transactions/batch',
      headers: { authorization: `Bearer ${hub.token}`, 'content-type': 'application/x-ndjson' },
      payload,
    })
  const answers = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  it('21: an empty batch is refused', async () => {
    expect((await post('\n\n')).json()).toMatchObject({ status: 400, code: 'batch-empty' })
  })

  it('21: the lines before the limit are answered, then the batch ends', async () => {
    const lines = answers((await post(Array.from({ length: 25 }, () => sale()).join('\n'))).body)
    expect(lines.slice(0, 20).every((line) => line.kind === 'recorded')).toBe(true)
    expect(lines).toHaveLength(21)
    expect(lines[20]).toMatchObject({ line: 21, code: 'batch-too-large' })
  })

  it('22, 23: a bad line is answered by itself, and a line twice is recorded once', async () => {
    const good = sale()
    const lines = answers(
      (await post([good, '{"broken":', sale({ totals: { grandTotal: 1.5 } }), good].join('\n'))).body,
    )
    expect(lines).toMatchObject([
      { line: 1, status: 201, kind: 'recorded' },
      { line: 2, status: 400, code: 'json-malformed' },
      { line: 3, status: 202, kind: 'quarantined', problem: 'money-not-decimal-string' },
      { line: 4, status: 200, kind: 'duplicate' },
    ])
  })
})
