import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { type StartedProcess, startProcess } from '../../src/testing/connector/start-process.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { launchTillflow, runTillflow } from '../launch-tillflow.ts'

const erpScript = join(import.meta.dirname, '../../src/simulator/back-office/reference-erp/main.ts')
const directory = mkdtempSync(join(tmpdir(), 'tillflow-replay-'))
const books = join(directory, 'erp')
const backup = join(directory, 'erp-backup')
const settingsFile = join(directory, 'tillflow.json')

let erp: StartedProcess
let hub: ChildProcess
let token = ''
let address = ''

const tillflow = (args: string[], environment: Record<string, string> = {}) =>
  runTillflow(args, { directory, environment })

async function json(args: string[], environment: Record<string, string> = {}) {
  const { stdout, stderr, code } = await tillflow([...args, '--json'], environment)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

async function startHub(): Promise<void> {
  hub = launchTillflow(['start'], { directory })
  let log = ''
  hub.stderr?.setEncoding('utf8').on('data', (text) => {
    log += text
  })
  hub.stdout?.resume()
  address = await new Promise<string>((resolve, reject) => {
    hub.once('message', (message) => resolve((message as { address: string }).address))
    hub.once('exit', () => reject(new Error(`the hub did not start:\n${log}`)))
  })
}

async function stopHub(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (hub.exitCode !== null || hub.signalCode !== null) return
  hub.kill(signal)
  await once(hub, 'exit')
}

const startErp = async () => {
  erp = await startProcess(erpScript, ['--data-directory', books])
}

function writeSettings(file: string, paymentMethods?: string): void {
  const settings = { url: `http://127.0.0.1:${erp.port}`, ...(paymentMethods && { paymentMethods }) }
  const target = { name: 'erp', connector: 'reference-erp', allowPrivateNetwork: true, settings }
  writeFileSync(file, JSON.stringify({ targets: [target] }))
}

function cardSale(number: number, businessDayDate: string): Transaction {
  const sale = makeSale(number, { businessDayDate, workstationId: String((number % 3) + 1) })
  const lines = sale.lines.map((line) =>
    line.lineType === 'TENDER'
      ? {
          lineNumber: line.lineNumber,
          lineType: 'TENDER' as const,
          tenderType: 'CREDIT_DEBIT' as const,
          amount: '5.00',
        }
      : line,
  )
  return { ...sale, lines }
}

async function sell(businessDayDate: string, from: number, to: number): Promise<void> {
  const file = join(directory, `${businessDayDate}.ndjson`)
  const sales = Array.from({ length: to - from + 1 }, (_, index) => cardSale(from + index, businessDayDate))
  writeFileSync(file, sales.map((one) => `${JSON.stringify(one)}\n`).join(''))
  await json(['send', file, '--to', address], { TILLFLOW_TOKEN: token })
}

interface Effect {
  reference: string
  day: string
  total: number
  payments: Record<string, number>
}
const effects = (): Effect[] =>
  readFileSync(join(books, 'effects.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect)

const delivered = (count: number) =>
  expect
    .poll(() => json(['status']), { timeout: 60_000, interval: 300 })
    .toMatchObject({ targets: [{ name: 'erp', delivered: count, pending: 0, parked: 0 }] })

beforeAll(async () => {
  mkdirSync(books)
  await startErp()
  writeSettings(settingsFile)
  await startHub()
  token = (await json(['token', 'create', '--name', 'tills', '--stores', '9'])).token
})

afterAll(async () => {
  await stopHub('SIGKILL')
  await erp.kill()
  rmSync(directory, { recursive: true, force: true })
})

describe('a wrong mapping, and the way back', () => {
  const [monday, tuesday] = ['2026-03-02', '2026-03-03']
  let planId = ''

  it('is set between two days: the books of the second are wrong', async () => {
    await sell(monday, 1, 20)
    await delivered(20)
    await stopHub()
    cpSync(books, backup, { recursive: true })

    writeSettings(settingsFile, 'CREDIT_DEBIT=voucher')
    await startHub()
    await sell(tuesday, 101, 140)
    await delivered(60)
    expect(effects().filter((one) => one.payments.voucher === 500)).toHaveLength(40)
  })

  it('is corrected; the ERP is restored to Monday evening; the dry run says what would change', async () => {
    await stopHub()
    await erp.stop()
    rmSync(books, { recursive: true })
    cpSync(backup, books, { recursive: true })
    await startErp()
    const before = join(directory, 'before.json')
    writeSettings(before, 'CREDIT_DEBIT=voucher')
    writeSettings(settingsFile)
    await startHub()

    const reason = 'card payments were booked as vouchers'
    const args = ['replay', '--target', 'erp', '--store', '9', '--reason', reason, '--sample', '60']
    const { replay, sample } = await json([...args, '--settings-before', before])
    planId = replay.replayId
    expect(replay).toMatchObject({
      state: 'planned',
      mode: 'missing',
      counts: { matched: 60, items: { delivered: 60 } },
    })
    expect(sample).toHaveLength(60)
    const there = sample.filter((one: { preview: { effect: string } }) => one.preview.effect === 'none')
    expect(there).toHaveLength(20)
    expect(there[0].preview.documents[0]).toMatchObject({ kind: 'sale', amount: '5.00', currency: 'EUR' })
    const missing = sample.filter((one: { preview: { effect: string } }) => one.preview.effect === 'new-document')
    expect(missing).toHaveLength(40)
    expect(missing[0].preview.changes).toEqual([{ path: '/payments/0/method', before: 'voucher', after: 'card' }])
    // Looking has changed nothing.
    expect(effects()).toHaveLength(20)
    const told = await tillflow(['replay', '--plan', planId])
    expect(told.stdout).toContain('60 of 60 receipts that match')
    expect(told.stdout).toContain('new-document')
    expect(told.stdout).toContain(`tillflow replay --plan ${planId} --run`)
  })

  it('is replayed across a kill -9 of the hub: the ERP holds the right figures, once', async () => {
    await json(['replay', '--plan', planId, '--run', '--rate', '20', '--sample', '0'])
    await expect.poll(() => effects().length, { timeout: 60_000, interval: 50 }).toBeGreaterThan(22)
    await stopHub('SIGKILL')
    await startHub()
    expect(await json(['replay', '--status', planId])).toMatchObject({ replay: { state: 'running' } })

    const { replay } = await json(['replay', '--pause'])
    expect(replay).toMatchObject({ replayId: planId, state: 'paused' })
    await sell('2026-03-04', 201, 203)
    await expect.poll(() => effects().filter((one) => one.day === '2026-03-04').length, { timeout: 60_000 }).toBe(3)
    expect(effects().length).toBeLessThan(63)
    await json(['replay', '--resume', planId, '--rate', '200'])
    await expect
      .poll(() => json(['replay', '--status', planId]), { timeout: 90_000, interval: 300 })
      .toMatchObject({ replay: { state: 'finished' }, progress: { planned: 0, open: 0, outcomes: { delivered: 60 } } })
    await delivered(63)

    const booked = effects()
    expect(booked).toHaveLength(63)
    expect(new Set(booked.map((one) => one.reference)).size).toBe(63)
    expect(booked.every((one) => one.payments.card === 500 && one.payments.voucher === undefined)).toBe(true)
    expect(booked.filter((one) => one.day === tuesday).reduce((sum, one) => sum + one.total, 0)).toBe(40 * 500)

    const { acts } = await json(['replay', '--status', planId])
    expect(acts.map((one: { act: string }) => one.act)).toEqual([
      'replay.plan',
      'replay.run',
      'replay.pause',
      'replay.resume',
    ])
    expect(acts[0]).toMatchObject({ reason: 'card payments were booked as vouchers' })
    expect(acts[0].actor).toMatch(/^cli:./)
    const journey = await json(['show', '9/1/102'])
    expect(journey.targets[0]).toMatchObject({ state: 'delivered', replays: [{ replayId: planId, mode: 'missing' }] })
    expect(journey.targets[0].replays[0].before.documents[0]).toMatchObject({ kind: 'sale' })
  })

  it('tells by exit code what was wrong with a question', async () => {
    const codeOf = async (...args: string[]) => (await tillflow(['replay', ...args])).code
    expect(await codeOf()).toBe(2)
    expect(await codeOf('--target', 'erp')).toBe(2)
    expect(await codeOf('--target', 'erp', '--reason', 'x', '--day', 'monday')).toBe(2)
    expect(await codeOf('--target', 'nobody', '--reason', 'x')).toBe(3)
    expect(await codeOf('--status', 'nobody')).toBe(3)
    expect(await codeOf('--pause')).toBe(3)
    expect(await codeOf('--resume', planId)).toBe(5)
    const again = await tillflow(['replay', '--target', 'erp', '--reason', 'x', '--mode', 'again', '--yes', '--json'])
    expect(again.code).toBe(5)
    expect(JSON.parse(again.stderr)).toMatchObject({ code: 'replay-unconfirmed' })
    expect(effects()).toHaveLength(63)
  })

  it('drains: what was recorded arrives, what comes later waits, and resume lets it go', async () => {
    const drained = await json(['drain', 'erp', '--reason', 'stock-taking', '--wait'])
    expect(drained).toMatchObject({ target: 'erp', changed: true, state: 'paused', pause: { reason: 'stock-taking' } })
    await sell('2026-03-05', 301, 302)
    expect(await json(['status'])).toMatchObject({ targets: [{ state: 'paused', delivered: 63, pending: 2 }] })
    await json(['resume', 'erp'])
    await delivered(65)
    expect((await tillflow(['drain', 'nobody', '--reason', 'x'])).code).toBe(3)
  })
})
