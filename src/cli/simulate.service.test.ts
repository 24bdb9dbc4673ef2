import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HubProcess } from '../../test/hub-process.ts'
import { finish, launchTillflow } from '../../test/launch-tillflow.ts'
import { computeExactTotals } from '../domain/compute-totals.ts'
import { decimal, formatDecimal, sum } from '../domain/decimal.ts'
import { postingKind } from '../domain/postable.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { createToken } from '../http/auth/token-store.ts'
import { parseAcknowledgements } from '../simulator/sender/acknowledgements.ts'
import { readTruth } from '../simulator/truth/truth-file.ts'
import { startTestServer, type TestDatabase, type TestServer } from '../testing/database/test-server.ts'
import { readHubStatus } from './hub-status.ts'
import type { SimulateSummary } from './run-simulate.ts'

const directory = mkdtempSync(join(tmpdir(), 'tillflow-simulate-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const launch = (args: readonly string[], environment: Record<string, string> = {}) =>
  launchTillflow(args, { directory, environment })
const tillflow = (args: readonly string[], environment?: Record<string, string>) => finish(launch(args, environment))
const simulate = (...args: string[]) => tillflow(['simulate', ...args])
const small = ['--stores', '6', '--days', '2', '--receipts', '20', '--first-day', '2026-03-13']

/** Every file under a directory with its bytes. */
function filesOf(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return new Map(names.map((name) => [name.slice(path.length), readFileSync(name, 'utf8')]))
}

/** Names of files that are not byte for byte the same: bytes themselves would be megabytes of a message. */
function differing(left: Map<string, string>, right: Map<string, string>): string[] {
  const names = [...new Set([...left.keys(), ...right.keys()])]
  return names.filter((name) => left.get(name) !== right.get(name))
}

describe('tillflow simulate --out', () => {
  it('writes receipts by day and till, the truth about them, and settings for a hub', async () => {
    const { code, stdout, stderr } = await simulate(...small, '--out', 'clean', '--json')
    expect([code, stderr]).toEqual([0, ''])
    const summary = JSON.parse(stdout) as SimulateSummary
    const truth = await readTruth(join(directory, 'clean/truth.json'))
    const transactions = [...filesOf(join(directory, 'clean/receipts'))].flatMap(([, text]) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Transaction),
    )
    expect(transactions.length).toBe(summary.transactions)
    expect(truth).toMatchObject({
      version: 1,
      complete: true,
      totals: { transactions: transactions.length, planted: {} },
    })
    const byDay = Map.groupBy(transactions, (one) => `${one.businessUnitId}/${one.businessDayDate}`)
    expect(truth.storeDays.length).toBe(byDay.size)
    for (const { businessUnitId, businessDayDate, sold } of truth.storeDays) {
      const receipts = (byDay.get(`${businessUnitId}/${businessDayDate}`) ?? []).filter(
        (one) => postingKind(one) === 'sale',
      )
      const grand = sum(receipts.map((one) => computeExactTotals(one).grandTotal))
      expect(formatDecimal(decimal(sold.grandTotal))).toBe(formatDecimal(grand))
    }
    const settings = JSON.parse(readFileSync(join(directory, 'clean/tillflow.json'), 'utf8'))
    expect(settings.stores).toHaveLength(6)
    const environment = { TILLFLOW_SETTINGS_FILE: join(directory, 'clean/tillflow.json') }
    expect((await tillflow(['settings', '--json'], environment)).code).toBe(0)
  })

  it('writes the same bytes for the same seed, and others for another', async () => {
    const run = async (name: string, ...args: string[]) => {
      expect((await simulate(...small, '--faults', 'heavy', '--out', name, ...args)).code).toBe(0)
      return filesOf(join(directory, name))
    }
    const first = await run('one')
    expect(differing(await run('two'), first)).toEqual([])
    expect(differing(await run('three', '--seed', '2'), first)).toContain('/truth.json')
    expect([...first.keys()].filter((name) => /\.(half|tmp)|\.truth-/.test(name))).toEqual([])
  })

  it('does not mix two runs, unless the first may be replaced', async () => {
    await simulate('--receipts', '5', '--out', 'again')
    const { code, stderr } = await simulate('--receipts', '5', '--out', 'again')
    expect(code).toBe(2)
    expect(stderr).toContain('--force')
    expect((await simulate('--receipts', '5', '--out', 'again', '--force')).code).toBe(0)
  })

  it('answers what cannot be with 2 and what would be right', async () => {
    const { code, stdout, stderr } = await simulate('--stores', '0', '--out', 'never')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('--stores')
  })
})

describe('tillflow simulate --to', () => {
  const faulty = [
    '--stores',
    '4',
    '--days',
    '3',
    '--receipts',
    '30',
    '--faults',
    'heavy',
    '--seed',
    '5',
    '--out',
    'sent',
  ]
  let server: TestServer
  let database: TestDatabase
  let hub: HubProcess
  let address = ''
  let token = ''

  beforeAll(async () => {
    expect((await simulate(...faulty, '--prepare')).code).toBe(0)
    server = await startTestServer()
    database = await server.createDatabase()
    const environment = {
      TILLFLOW_SETTINGS_FILE: join(directory, 'sent/tillflow.json'),
      TILLFLOW_DATABASE_URL: database.url,
    }
    hub = await HubProcess.start({ directory, environment })
    address = hub.address
    token = (await createToken(database.pool, { name: 'tills', scopes: ['transactions:write'] })).token
  })
  afterAll(async () => {
    await hub?.stop('SIGKILL')
    await database?.drop()
    await server?.stop()
  })

  it('tells a hub everything once, faults and all, and has it in writing', async () => {
    const { code, stdout, stderr } = await simulate(...faulty, '--to', address, '--token', token, '--json')
    expect([code, stderr]).toEqual([0, ''])
    const { transactions, planted, hub: answers, complete } = JSON.parse(stdout) as SimulateSummary
    const { lost = 0, unreadable = 0, doubled = 0, conflicting = 0 } = planted
    for (const count of [lost, unreadable, doubled, conflicting]) expect(count).toBeGreaterThan(0)
    expect(complete).toBe(true)
    const recorded = transactions - lost - unreadable
    expect(answers).toMatchObject({
      recorded,
      quarantined: unreadable,
      duplicates: doubled,
      conflicts: conflicting,
      refused: 0,
    })
    const acknowledged = parseAcknowledgements(readFileSync(join(directory, 'sent/acknowledged.ndjson'), 'utf8'))
    expect(new Set(acknowledged.map((one) => one.transactionKey)).size).toBe(recorded)
    // The numbers are followed a moment after the receipts. What nobody told the hub it names, number by number.
    await expect
      .poll(() => readHubStatus(database.pool), { timeout: 30_000 })
      .toMatchObject({ transactions: recorded, gaps: lost })
    // Files of the same seed are the same receipts: the hub has seen all of them.
    const written = ['--out', 'written', ...faulty.slice(0, -2)]
    expect((await simulate(...written)).code).toBe(0)
    const truth = (name: string) => readFileSync(join(directory, name, 'truth.json'), 'utf8')
    expect(truth('written') === truth('sent')).toBe(true)
    const files = [...filesOf(join(directory, 'written/receipts')).keys()].map((name) => join('written/receipts', name))
    const sent = JSON.parse((await tillflow(['send', ...files, '--to', address, '--token', token, '--json'])).stdout)
    expect(sent.reduce((total: number, one: { recorded: number }) => total + one.recorded, 0)).toBe(0)
  })

  it('keeps the pace it is asked for, and stops cleanly on Ctrl-C', async () => {
    const args = ['--stores', '1', '--seed', '9', '--out', 'slow', '--to', address, '--token', token, '--speed', '600']
    const child = launch(['simulate', ...args, '--first-day', '2026-03-02', '--json'])
    const finished = finish(child)
    const record = join(directory, 'slow/acknowledged.ndjson')
    // The store opens after a quarter of an hour of its time: a second and a half of ours.
    await expect.poll(() => existsSync(record) && statSync(record).size, { timeout: 30_000 }).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    child.kill('SIGINT')
    const { code, stdout } = await finished
    expect(code).toBe(130)
    const summary = JSON.parse(stdout) as SimulateSummary
    // Of its hundreds of receipts those of another quarter of an hour.
    expect(summary.hub?.recorded).toBeGreaterThan(0)
    expect(summary.hub?.recorded).toBeLessThan(60)
    const acknowledged = parseAcknowledgements(readFileSync(record, 'utf8'))
    expect(acknowledged.length).toBe(summary.hub?.recorded)
    expect(await readTruth(join(directory, 'slow/truth.json'))).toMatchObject({ complete: false, storeDays: [] })
  })

  it('has an exit code for no token, a wrong one, and nobody there', async () => {
    const to = (...args: string[]) => simulate('--receipts', '5', '--out', 'nobody', '--to', ...args)
    expect((await to(address)).code).toBe(4)
    expect((await to(address, '--token', 'tf_wrong')).code).toBe(4)
    expect((await to('http://127.0.0.1:1', '--token', token)).code).toBe(3)
    // Nothing of a run that came to nothing is in the way of the next one.
    expect(readdirSync(join(directory, 'nobody')).filter((name) => name.startsWith('.'))).toEqual([])
  })
})
