import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { startTestHub, type TestHub } from './hub.ts'

/** A word that stands in every bad input: an answer that repeats it echoes what a client sent. */
const marker = 'echo7f3a'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub
let number = 1_000

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await startTestHub(database.pool)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

/** What stays of an upload: a transaction, a row in quarantine, or nothing. */
type Kept = 'recorded' | 'quarantined' | 'nothing'

interface Row {
  row: number
  name: string
  body: string | Buffer
  path?: string
  headers?: Record<string, string>
  status: number
  code?: string
  kept: Kept
  finding?: string
}

const sale = (changes: object = {}): string => JSON.stringify({ ...makeSale(number++), operatorId: marker, ...changes })
const withLine = (changes: object): string => {
  const { lines } = makeSale(1)
  return sale({ lines: [{ ...lines[0], ...changes }, lines[1]] })
}
const xml = (inside: string) => `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">${inside}</POSLog>`
const poslog = { path: '/v1/sources/poslog', headers: { 'content-type': 'application/xml' } }
const visa = '4111111111111111'

const rows: Row[] = [
  {
    row: 1,
    name: 'nested too deep',
    body: sale({ extensions: JSON.parse('['.repeat(40) + ']'.repeat(40)) }),
    status: 400,
    code: 'json-too-deep',
    kept: 'nothing',
  },
  {
    row: 2,
    name: 'a body over the limit',
    body: sale({ note: 'x'.repeat(70_000) }),
    status: 413,
    code: 'payload-too-large',
    kept: 'nothing',
  },
  {
    row: 4,
    name: 'a key twice',
    body: sale().replace('{', '{"currency":"EUR",'),
    status: 400,
    code: 'duplicate-key',
    kept: 'nothing',
  },
  {
    row: 5,
    name: '__proto__',
    body: sale().replace('{', '{"__proto__":{"x":1},'),
    status: 400,
    code: 'forbidden-key',
    kept: 'nothing',
  },
  {
    row: 6,
    name: 'no UTF-8',
    body: Buffer.from(sale().replace(marker, '\u00ff\u00fe'), 'latin1'),
    status: 400,
    code: 'invalid-encoding',
    kept: 'nothing',
  },
  {
    row: 6,
    name: 'a UTF-16 mark',
    body: Buffer.from(`\ufeff${sale()}`, 'utf16le'),
    status: 400,
    code: 'invalid-encoding',
    kept: 'nothing',
  },
  {
    row: 7,
    name: 'U+0000 in a text',
    body: sale({ receiptNumber: 'a\u0000b' }),
    status: 202,
    code: 'invalid-character',
    kept: 'quarantined',
  },
  {
    row: 8,
    name: 'a number beyond a double',
    body: sale().replace('{', '{"x":1e400,'),
    status: 400,
    code: 'number-out-of-range',
    kept: 'nothing',
  },
  {
    row: 9,
    name: 'an amount as a float',
    body: sale({ totals: { grandTotal: 19.99 } }),
    status: 202,
    code: 'money-not-decimal-string',
    kept: 'quarantined',
  },
  {
    row: 9,
    name: 'an amount with an exponent',
    body: sale({ totals: { grandTotal: '1e2' } }),
    status: 202,
    code: 'money-not-decimal-string',
    kept: 'quarantined',
  },
  {
    row: 9,
    name: 'an amount with a comma',
    body: sale({ totals: { grandTotal: '1,99' } }),
    status: 202,
    code: 'money-not-decimal-string',
    kept: 'quarantined',
  },
  {
    row: 10,
    name: 'more decimals than the currency has',
    body: sale({ currency: 'JPY', lines: [], totals: { grandTotal: '1.50' } }),
    status: 202,
    code: 'currency-scale',
    kept: 'quarantined',
  },
  {
    row: 11,
    name: 'an amount beyond reason',
    body: sale({ totals: { grandTotal: '99999999999999.00' } }),
    status: 202,
    code: 'amount-out-of-range',
    kept: 'quarantined',
  },
  {
    row: 12,
    name: 'a withdrawn currency',
    body: sale({ currency: 'DEM' }),
    status: 202,
    code: 'unknown-currency',
    kept: 'quarantined',
  },
  {
    row: 12,
    name: 'a currency in small letters',
    body: sale({ currency: 'eur' }),
    status: 202,
    code: 'unknown-currency',
    kept: 'quarantined',
  },
  {
    row: 13,
    name: 'a negative quantity on a sale line',
    body: withLine({ quantity: '-2' }),
    status: 201,
    kept: 'recorded',
    finding: 'SIGN',
  },
  {
    row: 13,
    name: 'a quantity of zero',
    body: withLine({ quantity: '0' }),
    status: 201,
    kept: 'recorded',
    finding: 'QTY',
  },
  {
    row: 14,
    name: 'tenders that do not make the total',
    body: sale({ totals: { grandTotal: '6.00' } }),
    status: 201,
    kept: 'recorded',
    finding: 'INV-05',
  },
  {
    row: 24,
    name: 'a word that no list knows',
    body: withLine({ itemType: 'HOVERCRAFT' }),
    status: 201,
    kept: 'recorded',
  },
  { row: 25, name: 'a field nobody knows', body: sale({ loyaltyColour: 'green' }), status: 201, kept: 'recorded' },
  {
    row: 26,
    name: 'a field that only the hub sets',
    body: sale({ receivedAt: '2020-01-01T00:00:00Z' }),
    status: 422,
    code: 'read-only-field',
    kept: 'nothing',
  },
  {
    row: 27,
    name: 'a day that does not exist',
    body: sale({ endDateTime: '2026-02-30T10:00:00Z' }),
    status: 202,
    code: 'invalid-timestamp',
    kept: 'quarantined',
  },
  {
    row: 27,
    name: 'an offset that does not exist',
    body: sale({ endDateTime: '2026-03-02T10:00:00+25:00' }),
    status: 202,
    code: 'invalid-timestamp',
    kept: 'quarantined',
  },
  {
    row: 27,
    name: 'a time without offset: the store decides',
    body: sale({ endDateTime: '2026-03-02T11:00:00' }),
    status: 201,
    kept: 'recorded',
  },
  {
    row: 28,
    name: 'a clock ten years ahead',
    body: sale({ endDateTime: '2036-03-02T11:00:00Z' }),
    status: 201,
    kept: 'recorded',
    finding: 'INV-10',
  },
  {
    row: 29,
    name: 'a business day long gone',
    body: sale({ businessDayDate: '2024-01-01', endDateTime: undefined }),
    status: 201,
    kept: 'recorded',
    finding: 'INV-10',
  },
  {
    row: 30,
    name: 'a card number in a text',
    body: withLine({ description: `paid with ${visa}` }),
    status: 201,
    kept: 'recorded',
    finding: 'PAN',
  },
  {
    row: 31,
    name: 'a CVV',
    body: sale({ cvv: '123' }),
    status: 422,
    code: 'sensitive-authentication-data',
    kept: 'nothing',
  },
  {
    row: 32,
    name: 'a card number in full-width digits',
    body: withLine({ description: [...visa].map((d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)).join('') }),
    status: 201,
    kept: 'recorded',
    finding: 'PAN',
  },
  {
    row: 34,
    name: 'a store code that is not plain',
    body: sale({ businessUnitId: 'Ѕtore' }),
    status: 202,
    code: 'invalid-identifier',
    kept: 'quarantined',
  },
  { row: 36, name: 'a formula in a text', body: withLine({ description: '=cmd|calc' }), status: 201, kept: 'recorded' },
  {
    row: 37,
    name: 'a script in a text',
    body: withLine({ description: '<script>alert(1)</script>' }),
    status: 201,
    kept: 'recorded',
  },
  {
    row: 39,
    name: 'a DOCTYPE',
    ...poslog,
    body: `<!DOCTYPE x [<!ENTITY a "${marker}">]>${xml('')}`,
    status: 400,
    code: 'xml-doctype-forbidden',
    kept: 'nothing',
  },
  {
    row: 40,
    name: 'XML that ends in the middle',
    ...poslog,
    body: `${xml('<Transaction>').slice(0, 75)}${marker}`,
    status: 400,
    code: 'xml-malformed',
    kept: 'nothing',
  },
  {
    row: 40,
    name: 'XML too deep',
    ...poslog,
    body: xml(`<Transaction>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</Transaction>`),
    status: 400,
    code: 'xml-too-complex',
    kept: 'nothing',
  },
  {
    row: 41,
    name: 'XML in another encoding',
    ...poslog,
    body: `<?xml version="1.0" encoding="ISO-8859-1"?>${xml('')}`,
    status: 400,
    code: 'invalid-encoding',
    kept: 'nothing',
  },
  {
    row: 42,
    name: 'a gzip bomb',
    path: '/v1/sources/poslog',
    body: gzipSync(xml(' '.repeat(20_000_000))),
    headers: { 'content-type': 'application/xml', 'content-encoding': 'gzip' },
    status: 413,
    code: 'decompressed-too-large',
    kept: 'nothing',
  },
  {
    row: 42,
    name: 'two encodings',
    body: sale(),
    headers: { 'content-encoding': 'gzip, gzip' },
    status: 415,
    code: 'unsupported-media-type',
    kept: 'nothing',
  },
  {
    row: 55,
    name: 'an address that is not there',
    path: '/v1/nowhere',
    body: sale(),
    status: 404,
    code: 'not-found',
    kept: 'nothing',
  },
  {
    row: 77,
    name: 'another content type',
    body: sale(),
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'unsupported-media-type',
    kept: 'nothing',
  },
  {
    row: 88,
    name: 'a number after one that is missing',
    body: sale({ sequenceNumber: 9_000_042 }),
    status: 201,
    kept: 'recorded',
  },
]

const count = async (table: string): Promise<number> =>
  Number((await database.pool.query(`select count(*) from ${table}`)).rows[0].count)

async function send(one: Row, token = hub.token) {
  return hub.server.inject({
    method: 'POST',
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

  it('30: no card number is anywhere in the database', async () => {
    const { rows: events } = await database.pool.query('select data::text as text from journal_events')
    for (const { text } of events) expect(text).not.toContain(visa)
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
