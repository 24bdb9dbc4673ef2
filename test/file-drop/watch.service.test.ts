import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileResult } from '../../src/file-drop/put-away.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import type { Finished } from '../launch-tillflow.ts'
import { HubForTests } from './hub.ts'

const hub = new HubForTests()
const isWindows = process.platform === 'win32'
let number = 0

beforeAll(() => hub.start())
afterAll(() => hub.stop())

/** So many sales that nobody has sent before, as NDJSON. */
function sales(count: number): string {
  return Array.from({ length: count }, () => {
    number += 1
    return `${JSON.stringify(makeSale(number))}\n`
  }).join('')
}

let folders = 0
function newFolder(): string {
  folders += 1
  const folder = join(hub.directory, `drop-${folders}`)
  mkdirSync(folder)
  return folder
}

async function watchOnce(folder: string, ...more: string[]): Promise<FileResult[]> {
  return resultsOf(await hub.run(hub.watchArguments(folder, '--once', ...more)))
}

function resultsOf({ stdout, stderr }: Finished): FileResult[] {
  expect(stderr).toBe('')
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const receipt = (sequence: number, inside = '') =>
  `<Transaction><RetailStoreID>9</RetailStoreID><WorkstationID>77</WorkstationID><SequenceNumber>${sequence}</SequenceNumber><BusinessDayDate>2026-03-02</BusinessDayDate><EndDateTime>2026-03-02T10:00:00</EndDateTime><CurrencyCode>EUR</CurrencyCode><ControlTransaction><NoSale>2026-03-02T10:00:00</NoSale>${inside}</ControlTransaction></Transaction>\n`
const poslog = (body: string) =>
  `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<p:POSLog xmlns:p="http://www.nrf-arts.org/IXRetail/namespace/" xmlns="http://www.nrf-arts.org/IXRetail/namespace/">\n${body}</p:POSLog>\n`

describe('a watched folder', () => {
  it('sends what is dropped and puts it away with a report', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'monday.ndjson'), sales(1_200))
    writeFileSync(join(folder, 'one.json'), JSON.stringify(JSON.parse(sales(1)), null, 2))
    const before = await hub.recorded()
    // In a process of its own, as with whoever drops files; the others share one.
    const results = resultsOf(await hub.launchAndFinish(hub.watchArguments(folder, '--once')))
    expect(results).toMatchObject([
      { name: 'monday.ndjson', outcome: 'done', source: 'tillflow', slices: 1_200, recorded: 1_200, refused: 0 },
      { name: 'one.json', outcome: 'done', slices: 1, recorded: 1 },
    ])
    expect(await hub.recorded()).toBe(before + 1_201)
    const [first] = results
    expect(JSON.parse(readFileSync(join(folder, 'done', `${first?.id}.json`), 'utf8'))).toEqual(first)
    expect(readdirSync(join(folder, 'done'))).toContain(`${first?.id}-monday.ndjson`)
    expect(readdirSync(join(folder, 'work'))).toEqual(['taken.ndjson'])
  })

  it('cuts POSLog between its transactions, and names the ones that are bad', async () => {
    const folder = newFolder()
    // The middle one has no number: kept in quarantine. Text of several bytes must not move the cuts.
    const body = Array.from({ length: 1_301 }, (_, index) =>
      receipt(index + 1, `<Note>${'ä€😀'.repeat(index % 5)}</Note>`),
    )
    body[700] = body[700]?.replace(/<SequenceNumber>\d+<\/SequenceNumber>/, '') ?? ''
    writeFileSync(join(folder, 'POSLog.xml'), poslog(body.join('')))
    const [result] = await watchOnce(folder)
    expect(result).toMatchObject({ outcome: 'done', source: 'poslog', slices: 1_301, recorded: 1_300, quarantined: 1 })
    const errors = readFileSync(join(folder, 'done', `${result?.errors}`), 'utf8')
      .trim()
      .split('\n')
    expect(errors.map((line) => JSON.parse(line))).toMatchObject([{ slice: 701, kind: 'quarantined' }])
  })

  it('knows content and names again', async () => {
    const folder = newFolder()
    const content = sales(3)
    writeFileSync(join(folder, 'day.ndjson'), content)
    expect(await watchOnce(folder)).toMatchObject([{ outcome: 'done' }])
    writeFileSync(join(folder, 'renamed.ndjson'), content)
    expect(await watchOnce(folder)).toMatchObject([{ outcome: 'rejected', what: 'duplicate-file', recorded: 0 }])
    writeFileSync(join(folder, 'day.ndjson'), sales(2))
    expect(await watchOnce(folder)).toMatchObject([{ outcome: 'held', what: 'file-name-conflict', recorded: 0 }])
    writeFileSync(join(folder, 'day.ndjson'), sales(2))
    expect(await watchOnce(folder, '--same-name', 'accept')).toMatchObject([{ outcome: 'done', recorded: 2 }])
  })

  it('leaves alone what is still written, and says of everything else why it was not taken', async () => {
    const folder = newFolder()
    for (const name of ['day.ndjson.part', '.day.ndjson', 'day.tmp']) writeFileSync(join(folder, name), sales(1))
    mkdirSync(join(folder, 'archive'))
    expect(await watchOnce(folder)).toEqual([])
    writeFileSync(join(folder, 'empty.ndjson'), '')
    writeFileSync(join(folder, 'page.html'), '<html></html>')
    writeFileSync(join(folder, '-rf'), sales(1))
    writeFileSync(join(folder, 'a..b.ndjson'), sales(1))
    writeFileSync(join(folder, 'large.ndjson'), sales(20))
    const wanted = new Map([
      ['empty.ndjson', 'file-empty'],
      ['page.html', 'unknown-source'],
      ['_rf', 'file-name-unsafe'],
      ['a..b.ndjson', 'file-name-unsafe'],
      ['large.ndjson', 'file-too-large'],
    ])
    if (!isWindows) {
      const secret = join(hub.directory, 'secret.ndjson')
      writeFileSync(secret, sales(1))
      symlinkSync(secret, join(folder, 'link.ndjson'))
      wanted.set('link.ndjson', 'file-not-plain')
      expect(spawnSync('mkfifo', [join(folder, 'pipe.ndjson')]).status).toBe(0)
      wanted.set('pipe.ndjson', 'file-not-plain')
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x64, 0xff, 0x0a, 0x65])]), sales(1))
      wanted.set('d__e', 'file-name-unsafe')
      writeFileSync(join(folder, 'card 4111 1111 1111 1111\u001b[2J'), sales(1))
    }
    const before = await hub.recorded()
    const results = await watchOnce(folder, '--size-max', '0.005')
    expect(await hub.recorded()).toBe(before)
    expect(results.every(({ outcome, what, why, next }) => outcome === 'rejected' && what && why && next)).toBe(true)
    for (const [name, what] of wanted) expect(results).toContainEqual(expect.objectContaining({ name, what }))
    expect(JSON.stringify(results)).not.toMatch(/4111.1111.1111|\p{C}|\\u001b/u)
    expect(readdirSync(folder).sort()).toEqual([
      '.day.ndjson',
      'archive',
      'day.ndjson.part',
      'day.tmp',
      'done',
      'held',
      'rejected',
      'work',
    ])
  })

  it('stops a file that is bad, and keeps what was good', async () => {
    const folder = newFolder()
    const lines = sales(1_000).split('\n')
    for (let index = 0; index < 1_000; index += 10) lines[index] = '{"broken":'
    writeFileSync(join(folder, 'bad.ndjson'), lines.join('\n'))
    const few = sales(1_000).split('\n')
    few[0] = '{"broken":'
    writeFileSync(join(folder, 'fair.ndjson'), few.join('\n'))
    const results = await watchOnce(folder)
    const bad = results.find(({ name }) => name === 'bad.ndjson')
    // One part of 500 lines was enough to see it.
    expect(bad).toMatchObject({ outcome: 'held', what: 'file-quality', slices: 500, recorded: 450, refused: 50 })
    const errors = readFileSync(join(folder, 'held', `${bad?.errors}`), 'utf8')
      .trim()
      .split('\n')
    expect(errors).toHaveLength(50)
    expect(JSON.parse(errors[1] ?? '')).toMatchObject({ line: 11, code: 'json-malformed' })
    expect(results.find(({ name }) => name === 'fair.ndjson')).toMatchObject({
      outcome: 'done',
      recorded: 999,
      refused: 1,
    })
  })

  it('rejects broken and hostile XML, after what came before the break', async () => {
    const folder = newFolder()
    const body = Array.from({ length: 900 }, (_, index) => receipt(10_000 + index)).join('')
    writeFileSync(join(folder, 'broken.xml'), poslog(`${body}<Transaction><Amount>1</Transaction>`))
    writeFileSync(join(folder, 'truncated.xml'), poslog(receipt(20_000)).slice(0, -60))
    writeFileSync(
      join(folder, 'doctype.xml'),
      poslog('').replace('<p:POSLog', '<!DOCTYPE p:POSLog [<!ENTITY a "b">]><p:POSLog'),
    )
    const results = await watchOnce(folder)
    expect(results).toHaveLength(3)
    for (const result of [
      { name: 'broken.xml', what: 'xml-malformed', recorded: 900 },
      { name: 'truncated.xml', what: 'xml-malformed' },
      { name: 'doctype.xml', what: 'xml-doctype-forbidden', recorded: 0 },
    ])
      expect(results).toContainEqual(expect.objectContaining({ outcome: 'rejected', ...result }))
  })

  it('holds a file that is not what its manifest says, and waits for a manifest where one is needed', async () => {
    const folder = newFolder()
    const drop = (name: string, count: number, manifest: (content: string) => object) => {
      const content = sales(count)
      writeFileSync(join(folder, `${name}.manifest.json`), JSON.stringify(manifest(content)))
      writeFileSync(join(folder, name), content)
    }
    const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')
    drop('right.ndjson', 3, (content) => ({ sha256: sha256(content), lines: 3, total: '15' }))
    drop('hash.ndjson', 3, () => ({ sha256: sha256('something else') }))
    drop('lines.ndjson', 3, () => ({ lines: 4 }))
    drop('total.ndjson', 3, () => ({ total: '15.01' }))
    const before = await hub.recorded()
    const results = await watchOnce(folder)
    expect(await hub.recorded()).toBe(before + 3)
    expect(results.find(({ name }) => name === 'right.ndjson')).toMatchObject({ outcome: 'done', recorded: 3 })
    for (const name of ['hash.ndjson', 'lines.ndjson', 'total.ndjson'])
      expect(results).toContainEqual(
        expect.objectContaining({ name, outcome: 'held', what: 'control-total-mismatch', recorded: 0, slices: 0 }),
      )
    writeFileSync(join(folder, 'alone.ndjson'), sales(1))
    expect(await watchOnce(folder, '--manifest', 'required')).toEqual([])
    writeFileSync(join(folder, 'alone.ndjson.manifest.json'), '{"lines":1}')
    expect(await watchOnce(folder, '--manifest', 'required')).toMatchObject([{ outcome: 'done' }])
  })

  it('counts a line that is too long for any hub, and goes on after it', async () => {
    const folder = newFolder()
    const long = `{"transactionType":"SALE","note":"${'x'.repeat(9 * 1_048_576)}"}\n`
    writeFileSync(join(folder, 'long.ndjson'), sales(30) + long + sales(30))
    expect(await watchOnce(folder)).toMatchObject([{ outcome: 'done', slices: 61, recorded: 60, refused: 1 }])
  })

  it('ends where it may not send, and leaves the file for the next time', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'day.ndjson'), sales(2))
    const refused = await hub.launchAndFinish(hub.watchArguments(folder, '--once', '--token', 'tf_wrong'))
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect(await watchOnce(folder)).toMatchObject([{ name: 'day.ndjson', outcome: 'done', recorded: 2 }])
    expect((await hub.run(hub.watchArguments(join(hub.directory, 'absent'), '--once'))).stderr).toContain(
      'folder-unusable',
    )
    expect((await hub.run(hub.watchArguments(folder, '--once', '--bad-max', '101'))).code).toBe(2)
  })
})
