import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StartedProcess, startProcess } from '../../../testing/connector-conformance.ts'
import { readWholeLog } from '../group-log.ts'
import type { BookedDocument } from './books.ts'

const script = join(import.meta.dirname, 'main.ts')
let directory: string
let erp: StartedProcess

async function open() {
  directory = await mkdtemp(join(tmpdir(), 'tillflow-erp-'))
  erp = await startProcess(script, ['--data-directory', directory])
}

async function close() {
  await erp.kill()
  await rm(directory, { recursive: true })
}

function saleOf(reference: string, changes: object = {}) {
  return {
    reference,
    kind: 'sale',
    store: '9',
    day: '2026-03-02',
    currency: 'EUR',
    total: 500,
    tax: 80,
    lines: [{ article: '4711', net: 500 }],
    charges: [],
    taxes: [{ amount: 80, included: true }],
    payments: [{ method: 'cash', amount: 500 }],
    ...changes,
  }
}

async function post(document: object, key: string | undefined = undefined) {
  const response = await fetch(`http://127.0.0.1:${erp.port}/api/documents`, {
    method: 'POST',
    body: JSON.stringify(document),
    ...(key !== undefined && { headers: { 'idempotency-key': key } }),
  })
  return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
}

async function get(path: string): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${erp.port}${path}`)).json()
}

async function setFaults(faults: object, method = 'PUT') {
  const response = await fetch(`http://127.0.0.1:${erp.port}/admin/faults`, {
    method,
    body: JSON.stringify(faults),
  })
  return response.status
}

async function restart(...args: string[]) {
  erp = await startProcess(script, ['--data-directory', directory, ...args])
}

const readEffects = async () => (await readWholeLog(join(directory, 'effects.ndjson'))) as BookedDocument[]

describe('empty books', () => {
  beforeAll(open)
  afterAll(close)

  it.each([
    ['lines that do not make the total', { total: 501 }, 'unbalanced'],
    ['payments that do not make the total', { payments: [{ method: 'cash', amount: 499 }] }, 'unbalanced'],
    ['a tax that was added and not paid', { taxes: [{ amount: 80, included: false }] }, 'unbalanced'],
    [
      'a means of payment without an account',
      { payments: [{ method: 'shells', amount: 500 }] },
      'unknown-payment-method',
    ],
    ['an amount that is no whole number', { total: 5.5 }, 'malformed'],
    ['no store', { store: undefined }, 'malformed'],
    ['no lines', { lines: null }, 'malformed'],
    ['another kind', { kind: 'gift' }, 'malformed'],
  ])('refuse %s', async (_, changes, code) => {
    const { status, text } = await post(saleOf('a', changes))
    expect([status, JSON.parse(text).error.code]).toEqual([422, code])
    expect(await readEffects()).toEqual([])
  })
})

describe('the books', () => {
  beforeEach(open)
  afterEach(close)

  it('answer a repeated key with the first document, and refuse it for another', async () => {
    const [first, again] = await Promise.all([post(saleOf('a'), 'k'), post(saleOf('a'), 'k')])
    expect([first.status, again.status].sort()).toEqual([200, 201])
    expect(first.text).toBe(again.text)
    expect((await post(saleOf('b'), 'k')).status).toBe(422)
    expect(await readEffects()).toHaveLength(1)
  })

  it('want the original of a return, or not, as they are set', async () => {
    const back = saleOf('r', { kind: 'return', original: 'a' })
    expect((await post(back)).status).toBe(409)
    await post(saleOf('a'))
    expect((await post(back)).status).toBe(201)
    await erp.stop()
    await restart('--unknown-original', 'refuse')
    expect((await post({ ...back, original: 'unknown' })).status).toBe(422)
    await erp.stop()
    await restart('--unknown-original', 'book')
    expect((await post({ ...back, original: 'unknown' })).status).toBe(201)
  })

  it('total a day by kind, currency and means of payment', async () => {
    await post(saleOf('a'))
    await post(
      saleOf('b', { total: 700, lines: [{ article: '1', net: 700 }], payments: [{ method: 'card', amount: 700 }] }),
    )
    await post(saleOf('c', { day: '2026-03-03' }))
    expect(await get('/api/stores/9/days/2026-03-02/totals')).toEqual({
      documents: 2,
      kinds: [{ kind: 'sale', currency: 'EUR', documents: 2, total: 1200, tax: 160 }],
      payments: { cash: 500, card: 700 },
    })
  })

  it('still have everything they acknowledged after kill -9, and count on', async () => {
    const acknowledged: string[] = []
    const posting = Array.from({ length: 8 }, async (_, client) => {
      for (let at = 0; ; at += 1) {
        const answered = await post(saleOf(`${client}-${at}`), `${client}-${at}`).catch(() => undefined)
        if (answered?.status !== 201) return
        acknowledged.push(`${client}-${at}`)
        if (acknowledged.length === 200) void erp.kill()
      }
    })
    await Promise.all(posting)
    await appendFile(join(directory, 'effects.ndjson'), '{"sequence":')
    await restart()
    const effects = await readEffects()
    expect(acknowledged.length).toBeGreaterThanOrEqual(200)
    expect(effects.map((effect) => effect.reference)).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(effects.map((effect) => effect.id)).size).toBe(effects.length)
    expect((await post(saleOf('0-0'), '0-0')).status).toBe(200)
    expect(JSON.parse((await post(saleOf('new'), 'new')).text).document.id).toBe(
      `DOC-${String(effects.length + 1).padStart(8, '0')}`,
    )
  })
})

describe('faults of the ERP', () => {
  let effectsBefore = 0
  let number = 0
  /** Another one each time, of the ERP that all of these tests share. */
  const nextSale = () => saleOf(`sale-${++number}`)
  const newEffects = async () => (await readEffects()).slice(effectsBefore)

  beforeAll(open)
  afterAll(close)
  beforeEach(async () => {
    await setFaults({})
    effectsBefore = (await readEffects()).length
  })

  const lost = (call: Promise<unknown>) =>
    call.then(
      () => false,
      () => true,
    )

  it('are errors with Retry-After and no effect', async () => {
    await setFaults({ errorRate: 1, errorStatus: 429, retryAfterSeconds: 3 })
    expect(await post(nextSale())).toMatchObject({ status: 429, retryAfter: '3' })
    expect(await newEffects()).toEqual([])
  })

  it('are answers that are lost after the effect', async () => {
    await setFaults({ answerLostRate: 1 })
    expect(await lost(post(nextSale(), 'lost'))).toBe(true)
    expect(await newEffects()).toHaveLength(1)
  })

  it('are connections that are cut before the effect', async () => {
    await setFaults({ resetRate: 1 })
    expect(await lost(post(nextSale(), 'cut'))).toBe(true)
    expect(await newEffects()).toEqual([])
  })

  it.each([
    ['error-body', 200, 0],
    ['html', 200, 0],
    ['truncated', 201, 1],
    ['no-content', 204, 1],
  ])('are broken answers: %s', async (brokenAnswer, status, effectsCount) => {
    await setFaults({ brokenRate: 1, brokenAnswer })
    const answer = await post(nextSale())
    expect(answer.status).toBe(status)
    expect(answer.text).not.toContain('bookedAt":"20')
    expect(await newEffects()).toHaveLength(effectsCount)
  })

  it('are requests that hang without an effect', async () => {
    await setFaults({ hangRate: 1 })
    const hanging = fetch(`http://127.0.0.1:${erp.port}/api/documents`, {
      method: 'POST',
      body: JSON.stringify(nextSale()),
      signal: AbortSignal.timeout(200),
    })
    expect(await lost(hanging)).toBe(true)
    expect(await newEffects()).toEqual([])
  })

  it('are references that are refused for ever', async () => {
    await setFaults({ poison: ['a'] })
    expect((await post(saleOf('a'))).status).toBe(422)
    expect((await post(saleOf('b'))).status).toBe(201)
  })

  it.each(['POST', 'PATCH'])('are changed one by one with %s', async (method) => {
    await setFaults({ errorRate: 1 })
    expect(await setFaults({ errorStatus: 500 }, method)).toBe(200)
    expect((await post(nextSale())).status).toBe(500)
  })

  it('are not changed by a method that is none of theirs', async () => {
    expect(await setFaults({ errorRate: 1 }, 'DELETE')).toBe(405)
    expect((await post(nextSale())).status).toBe(201)
  })

  it('are not set when they do not exist, and go when they are set to nothing', async () => {
    expect(await setFaults({ errorRate: 2 })).toBe(422)
    await setFaults({ errorRate: 1 })
    await setFaults({})
    expect((await post(nextSale())).status).toBe(201)
  })
})

describe('the log of requests', () => {
  beforeAll(open)
  afterAll(close)

  it('has every request', async () => {
    await post(saleOf('a'), 'k')
    await post(saleOf('a'), 'k')
    await get('/api/documents?reference=a')
    expect(await readWholeLog(join(directory, 'requests.ndjson'))).toMatchObject([
      { method: 'POST', path: '/api/documents', key: 'k' },
      { method: 'POST', path: '/api/documents', key: 'k' },
      { method: 'GET', path: '/api/documents?reference=a' },
    ])
    expect(await get('/admin/counts')).toEqual({
      posts: 2,
      lookUps: 1,
      seenBefore: 1,
      refused: 0,
      effects: 1,
      references: 1,
    })
  })
})
