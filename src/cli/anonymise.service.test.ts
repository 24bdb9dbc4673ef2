import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { makeSale } from '../testing/receipts.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-anonymise-'))
const main = join(import.meta.dirname, '../main.ts')
const day = join(directory, 'store-9-monday.ndjson')
writeFileSync(
  day,
  [1, 2, 3].map((number) => `${JSON.stringify(makeSale(number, { customerId: 'C-5500731' }))}\n`).join(''),
)
writeFileSync(join(directory, 'key.txt'), 'the key is longer than sixteen\n')

function tillflow(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: directory, encoding: 'utf8' })
  return { status, stdout, stderr }
}

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe('anonymise', () => {
  it('writes test data that reads to the same totals, under a name that tells nothing', () => {
    const { status, stdout } = tillflow('anonymise', day, '--key-file', 'key.txt', '--out', 'out', '--json')
    expect(status).toBe(0)
    const [written] = JSON.parse(stdout)
    expect(written).toMatchObject({
      source: 'tillflow',
      counts: { pseudonym: expect.any(Number), figure: expect.any(Number) },
    })
    expect(written.output).toMatch(/^out[/\\]tillflow-[0-9a-f]{8}\.ndjson$/)
    expect(readFileSync(join(directory, written.output), 'utf8')).not.toContain('5500731')
    const [before, after] = [day, written.output].map(
      (file) => JSON.parse(tillflow('read', file, '--json').stdout)[0].transactions,
    )
    const totalsOf = (entries: { transaction: { totals: unknown } }[]) =>
      entries.map(({ transaction }) => transaction.totals)
    expect(after).toHaveLength(3)
    expect(totalsOf(after)).toEqual(totalsOf(before))
  })

  it('writes nothing where something is wrong, and says what', () => {
    const broken = join(directory, 'broken.ndjson')
    writeFileSync(broken, `${JSON.stringify(makeSale(1))}\n{"transactionType":`)
    const refused = tillflow('anonymise', broken, '--key-file', 'key.txt', '--out', 'nothing', '--json')
    expect(refused.status).toBe(1)
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: 'json-malformed' })
    expect(readdirSync(join(directory, 'nothing'))).toEqual([])
    expect(tillflow('anonymise', day, '--key', 'short', '--json').stderr).toContain('anonymise-key-too-short')
    expect(tillflow('anonymise', day, '--json').status).toBe(2)
    expect(tillflow('anonymise', 'absent.xml', '--key-file', 'key.txt').status).toBe(3)
    expect(tillflow('anonymise', 'key.txt', '--key-file', 'key.txt', '--json').stderr).toContain('unknown-source')
  })

  it('never writes over what it reads', () => {
    const [{ output }] = JSON.parse(
      tillflow('anonymise', day, '--key-file', 'key.txt', '--out', 'again', '--json').stdout,
    )
    // The output of one run under the name that the next one would give its own.
    const before = readFileSync(join(directory, output), 'utf8')
    const args = ['anonymise', day, output, '--key-file', 'key.txt', '--out', 'again', '--json']
    expect(JSON.parse(tillflow(...args).stderr)).toMatchObject({ code: 'output-is-input' })
    expect(readFileSync(join(directory, output), 'utf8')).toBe(before)
  })
})
