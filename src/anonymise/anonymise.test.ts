import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../contract/problem.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { makeSale } from '../testing/receipts.ts'
import { anonymise, type Counts } from './anonymise.ts'
import { deriveKey } from './anonymise-key.ts'
import { createPseudonyms } from './pseudonyms.ts'
import type { ReplaceOptions } from './replace-value.ts'
import { detectRules, rulesOf } from './rules/index.ts'

const options: ReplaceOptions = {
  pseudonyms: createPseudonyms(deriveKey('a key for the tests')),
  shiftDays: 0,
  items: 'keep',
}
const otherKey = { ...options, pseudonyms: createPseudonyms(deriveKey('another key for tests')) }

async function run(text: string, source: string, way = options, counts: Counts = {}): Promise<string> {
  let written = ''
  for await (const piece of anonymise([Buffer.from(text)], rulesOf(source), way, counts)) written += piece
  return written
}

async function codeOf(text: string, source: string): Promise<ProblemCode | undefined> {
  return run(text, source).then(
    () => undefined,
    (error) => error.code,
  )
}

/** Something that a person could have typed: no word of it may be found again. */
const personal = fc
  .array(fc.stringMatching(/^[A-ZÄÖa-zäöß]{6,10}$/), { minLength: 1, maxLength: 3 })
  .map((words) => words.join(' '))

const saleOfSomebody = fc.record({
  name: personal,
  note: personal,
  reason: personal,
  id: fc.stringMatching(/^[A-Z]{3}\d{7}$/),
})

function saleWith(secrets: { name: string; note: string; reason: string; id: string }, number: number): Transaction {
  const sale = makeSale(number, {
    customerId: secrets.id,
    operatorId: secrets.name,
    receiptNumber: `R-${secrets.id}`,
    links: [{ linkType: 'RETURN_OF', transactionKey: `till:9/3/-/${number}`, receiptNumber: `R-${secrets.id}` }],
    extensions: { 'acs:CustomerNote': secrets.note, greeting: { to: secrets.name, phone: secrets.id } },
  })
  const [first] = sale.lines
  if (first?.lineType === 'SALE') Object.assign(first, { description: secrets.note, serialNumbers: [secrets.id] })
  Object.assign(first ?? {}, { approval: { approverId: secrets.name, reason: secrets.reason } })
  return sale
}

describe('a canonical file', () => {
  it('keeps nothing of anybody, all amounts, and one pseudonym for each', async () => {
    await fc.assert(
      fc.asyncProperty(saleOfSomebody, saleOfSomebody, async (one, another) => {
        const originals = [saleWith(one, 1), saleWith(another, 2), saleWith(one, 3)]
        const text = originals.map((sale) => `${JSON.stringify(sale)}\n`).join('')
        const written = await run(text, 'tillflow')
        for (const secret of [...Object.values(one), ...Object.values(another)]) {
          for (const word of secret.split(' ')) expect(written.toLowerCase()).not.toContain(word.toLowerCase())
        }
        const sales = written
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Transaction)
        expect(sales.map(({ totals }) => totals)).toEqual(originals.map(({ totals }) => totals))
        expect(sales.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3])
        expect(sales[0]?.customerId).toBe(sales[2]?.customerId)
        expect(sales[0]?.receiptNumber).toBe(sales[0]?.links?.[0]?.receiptNumber)
        const { businessUnitId, workstationId } = sales[0] ?? {}
        expect(sales[0]?.links?.[0]?.transactionKey).toBe(`till:${businessUnitId}/${workstationId}/-/1`)
        expect(await run(text, 'tillflow')).toBe(written)
        expect(await run(text, 'tillflow', otherKey)).not.toContain(sales[0]?.customerId)
      }),
      { numRuns: 40 },
    )
  })

  it('is written again as it stood: spelling of numbers, escapes, white space', async () => {
    const text = '{ "sequenceNumber": 1, "schemaVersion":1,\n  "lines": [ ] , "currency" : "EUR"\n}\n'
    expect(await run(text, 'tillflow')).toBe(text)
  })

  it('shifts every day, in keys of transactions too', async () => {
    const sale = makeSale(1, {
      links: [{ linkType: 'POST_VOID_OF', transactionKey: 'till:9/3/-/1@2026-03-02', businessDayDate: '2026-03-02' }],
    })
    const written = await run(JSON.stringify(sale), 'tillflow', { ...options, shiftDays: 7 })
    expect(written).not.toContain('2026-03-02')
    expect(JSON.parse(written)).toMatchObject({
      businessDayDate: '2026-03-09',
      endDateTime: '2026-03-09T11:04:05+01:00',
      links: [
        { businessDayDate: '2026-03-09', transactionKey: expect.stringMatching(/^till:\d\/\d\/-\/1@2026-03-09$/) },
      ],
    })
  })

  it('counts what each rule did', async () => {
    const counts: Counts = {}
    await run(
      '{"currency":"EUR","customerId":"C1","itemId":"4711","amount":"1.00","note":"x y"}',
      'tillflow',
      options,
      counts,
    )
    expect(counts).toEqual({ code: 1, pseudonym: 2, goods: 1, figure: 1 })
  })
})

describe('what is not what its field promises', () => {
  it.each([
    ['tillflow', '{"currency":"Jane Whitfield"}', 'Whitfield'],
    ['tillflow', '{"amount":"Whitfield"}', 'Whitfield'],
    ['tillflow', '{"itemId":"Jane Whitfield"}', 'Whitfield'],
    ['tillflow', '{"businessDayDate":"call 0170 1234567"}', '1234567'],
    ['tillflow', '{"reasonCode":"+491701234567"}', '1701234567'],
    ['tillflow', '{"extensions":{"jane.whitfield@example.org":1}}', 'whitfield'],
    ['tillflow', '{"extensions":{"4917012345678":true}}', '17012345678'],
    ['shopify', '{"phone":491701234567}', '1701234567'],
    ['shopify', '{"latitude":45.416311}', '416311'],
    ['square', '{"birthday":"1980-05-17"}', '1980'],
    ['poslog', '<POSLog><A TenderType="Jane Whitfield"/></POSLog>', 'Whitfield'],
    ['poslog', '<POSLog><!-- Jane Whitfield --><?till Whitfield?><A/></POSLog>', 'Whitfield'],
    ['poslog', '<POSLog><A><![CDATA[Jane Whitfield]]></A></POSLog>', 'Whitfield'],
    ['poslog', '<POSLog><BirthDate>1980-05-17</BirthDate></POSLog>', '1980'],
  ])('is not kept (%s, %s)', async (source, text, secret) => {
    expect(await run(text, source)).not.toContain(secret)
  })

  it.each<[string, string, ProblemCode]>([
    ['tillflow', '{"itemId":"4111111111111111"}', 'card-number-misplaced'],
    ['poslog', '<POSLog><ItemID>5500005555555559</ItemID></POSLog>', 'card-number-misplaced'],
    ['poslog', '<!DOCTYPE POSLog [<!ENTITY a "b">]><POSLog/>', 'xml-doctype-forbidden'],
    ['poslog', '<POSLog><A></POSLog>', 'xml-malformed'],
    ['poslog', '<html/>', 'xml-malformed'],
    ['poslog', '<?xml version="1.0" encoding="ISO-8859-1"?><POSLog/>', 'invalid-encoding'],
    ['poslog', `<POSLog>${'<A>'.repeat(100)}`, 'xml-too-complex'],
    ['tillflow', '{"a":', 'json-malformed'],
    ['tillflow', '', 'json-malformed'],
    ['tillflow', '{"a":1}\n{"a":', 'json-malformed'],
    ['shopify', '{"a":1,"a":2}', 'duplicate-key'],
    ['square', '['.repeat(40), 'json-too-deep'],
  ])('or is refused (%s, %s)', async (source, text, code) => {
    expect(await codeOf(text, source)).toBe(code)
  })

  it('and a card number where one belongs is replaced', async () => {
    const written = await run('{"credit_card_number":"4111111111111111","note":"5500 0055 5555 5559"}', 'shopify')
    expect(written).not.toMatch(/4111|5559/)
  })
})

describe('XML', () => {
  it('keeps elements, prefixes, attributes and blanks, whatever the pieces are', async () => {
    const text = `<?xml version="1.0"?>\n<p:POSLog xmlns:p="http://www.nrf-arts.org/IXRetail/namespace/">\n <p:Transaction CancelFlag="true"><p:Amount> 5.00 </p:Amount><p:Note a="1 &lt; 2">Ä &amp; B</p:Note><p:E/></p:Transaction>\n</p:POSLog>`
    const whole = await run(text, 'poslog')
    expect(whole).toContain('<p:Transaction CancelFlag="true"><p:Amount> 5.00 </p:Amount><p:Note a="')
    expect(whole).toContain('<p:E/></p:Transaction>\n</p:POSLog>')
    expect(whole).toMatch(/<p:Note a="\d &lt; \d">[À-Þ] &amp; [A-Z]<\/p:Note>/)
    let inBytes = ''
    const bytes = [...Buffer.from(text)].map((byte) => Uint8Array.of(byte))
    for await (const piece of anonymise(bytes, rulesOf('poslog'), options)) inBytes += piece
    expect(inBytes).toBe(whole)
  })
})

it.each([
  ['<?xml version="1.0"?><POSLog>', 'poslog'],
  ['{"businessUnitId":"9"', 'tillflow'],
  ['{"payment":{"amount_money":{"amount":1', 'square'],
  ['{"order":{"financial_status":"paid"', 'shopify'],
  ['{"hello":"world"}', undefined],
  ['<html>', undefined],
])('tells by %s that it is %s', (head, source) => {
  expect(detectRules(Buffer.from(head))?.source).toBe(source)
})
