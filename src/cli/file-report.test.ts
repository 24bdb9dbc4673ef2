import { describe, expect, it } from 'vitest'
import { makeSale } from '../testing/receipts.ts'
import type { FileEntry, FileListener } from './file-report.ts'
import { jsonFileReport } from './json-file-report.ts'
import { withProgress } from './read-progress.ts'
import { textFileReport } from './text-file-report.ts'

const sale = (sequenceNumber: number, changes: Parameters<typeof makeSale>[1] = {}): FileEntry => ({
  transaction: makeSale(sequenceNumber, changes),
  findings: [],
  unknownValues: [],
})
const refused: FileEntry = {
  problem: { code: 'json-too-deep', message: 'Too deep.' },
  partial: {},
  findings: [],
  refused: true,
}
const unreadable: FileEntry = {
  problem: { code: 'schema-violation', message: 'No lines.' },
  partial: { businessUnitId: '9', sequenceNumber: 7 },
  findings: [],
}

function tell(listener: FileListener, file: string, entries: FileEntry[], problem?: { code: string; message: string }) {
  listener.begin(file, 'tillflow')
  for (const entry of entries) listener.entry(entry)
  listener.end(problem)
}

describe('a file for a person', () => {
  it('adds up each kind in its currency, exactly and with the decimals of the currency', () => {
    const lines: string[] = []
    const listener = textFileReport((line) => lines.push(line))
    const entries = [
      sale(1, { totals: { grandTotal: '0.10' } }),
      sale(2, { totals: { grandTotal: '0.20' } }),
      sale(3, { currency: 'JPY', totals: { grandTotal: '120' } }),
      sale(4, { transactionType: 'NO_SALE' }),
    ]
    tell(listener, 'day.ndjson', entries)
    expect(lines).toEqual([
      'day.ndjson (tillflow): transactions 4, unreadable 0',
      '  TYPE     COUNT  GRAND TOTAL',
      '  SALE         2         0.30  EUR',
      '  SALE         1          120  JPY',
      '  NO_SALE      1         5.00  EUR',
      '  findings: none',
    ])
  })

  it('counts by kind what is no transaction yet', () => {
    const lines: string[] = []
    const entries: FileEntry[] = [
      { noted: 'order-open', count: 1 },
      { noted: 'loyalty-event', count: 40 },
      { noted: 'order-open', count: 1 },
    ]
    tell(
      textFileReport((line) => lines.push(line)),
      'orders.json',
      entries,
    )
    expect(lines).toEqual([
      'orders.json (tillflow): transactions 0, unreadable 0',
      '  noted, no transactions: 2 order-open, 40 loyalty-event',
    ])
  })

  it('says what does not add up, what could not be read, and where the file ended', () => {
    const lines: string[] = []
    const finding = { check: 'INV-05', severity: 'error', message: 'Tenders are 1.00 short.' } as const
    const entries: FileEntry[] = [
      { transaction: makeSale(1), findings: [finding], unknownValues: [] },
      unreadable,
      refused,
    ]
    tell(
      textFileReport((line) => lines.push(line)),
      'f',
      entries,
      { code: 'xml-malformed', message: 'Ends too early.' },
    )
    expect(lines.slice(3)).toEqual([
      '  findings: 1 error',
      '  9/3/1: error INV-05: Tenders are 1.00 short.',
      '  9/-/7: unreadable: schema-violation: No lines.',
      '  -/-/-: refused: json-too-deep: Too deep.',
      '  refused: xml-malformed: Ends too early.',
    ])
  })

  it('does not carry one file into the next, nor list more remarks than anybody reads', () => {
    const lines: string[] = []
    const listener = textFileReport((line) => lines.push(line))
    tell(listener, 'a', Array<FileEntry>(130).fill(unreadable))
    expect(lines.at(-1)).toBe('  ... and 30 more: all of them with --json')
    tell(listener, 'b', [])
    expect(lines.at(-1)).toBe('b (tillflow): transactions 0, unreadable 0')
  })
})

describe('a file for a program', () => {
  it.each([0, 1, 3])('is one JSON array of %i files, however it was cut into pieces', async (count) => {
    const pieces: string[] = []
    const listener = jsonFileReport(async (text) => void pieces.push(text))
    const entries = Array.from({ length: 200 }, (_, index) => sale(index))
    for (let index = 0; index < count; index += 1) {
      await listener.begin(`f${index}`, index === 0 ? 'tillflow' : null)
      for (const entry of index === 0 ? [...entries, refused] : []) await listener.entry(entry)
      await listener.end(index === 2 ? { code: 'not-found', message: 'Gone.' } : undefined)
    }
    await listener.close()
    const all = [
      { file: 'f0', source: 'tillflow', transactions: [...entries, refused] },
      { file: 'f1', source: null, transactions: [] },
      { file: 'f2', source: null, transactions: [], refused: { code: 'not-found', message: 'Gone.' } },
    ]
    expect(JSON.parse(pieces.join(''))).toEqual(all.slice(0, count))
    if (count > 0) expect(pieces.length).toBeGreaterThan(2)
  })
})

describe('progress', () => {
  const silent: FileListener = { begin: () => {}, entry: () => {}, end: () => {} }

  it('is shown on a terminal for a large file, not at every step, and is gone at the end', () => {
    const drawn: string[] = []
    let nowMs = 0
    const terminal = { isTTY: true, write: (text: string) => drawn.push(text) }
    const listener = withProgress(silent, { sizeBytes: 100_000_000, terminal, now: () => nowMs })
    listener.begin('f', 'tillflow')
    listener.bytes?.(10_000_000)
    nowMs = 250
    listener.entry(sale(1))
    listener.bytes?.(15_000_000)
    listener.bytes?.(15_000_000)
    listener.end(undefined)
    expect(drawn).toEqual(['\r25 %, 1 transactions\x1b[K', '\r\x1b[K'])
  })

  it.each([
    ['a pipe', { isTTY: false, sizeBytes: 100_000_000 }],
    ['a small file', { isTTY: true, sizeBytes: 1_000 }],
  ])('is not shown for %s', (_, { isTTY, sizeBytes }) => {
    const terminal = { isTTY, write: () => expect.unreachable() }
    expect(withProgress(silent, { sizeBytes, terminal })).toBe(silent)
  })
})
