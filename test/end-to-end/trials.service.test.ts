import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { type StartedProcess, startProcess } from '../../src/testing/connector/start-process.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { HubProcess } from '../hub-process.ts'

const erpScript = join(import.meta.dirname, '../../src/simulator/back-office/reference-erp/main.ts')
const directory = mkdtempSync(join(tmpdir(), 'tillflow-trials-'))
const books = join(directory, 'erp')
const stores = ['7', '8', '9']

let erp: StartedProcess
let hub: HubProcess
let token = ''
/** A system of its own that the shadow knows the address of; everything that reaches it is counted. */
let beside: Server
let besideRequests = 0
let sentCount = 0

type Trial = Record<string, unknown>

/** Starts the hub with the target as it was, and what is tried. */
async function startHub(trials: Trial): Promise<void> {
  const settings = { url: `http://127.0.0.1:${erp.port}` }
  const target = {
    name: 'erp',
    connector: 'reference-erp',
    allowPrivateNetwork: true,
    ratePerSecond: 40,
    settings,
    ...trials,
  }
  writeFileSync(join(directory, 'tillflow.json'), JSON.stringify({ targets: [target] }))
  hub = await HubProcess.start({ directory })
}

/** Card sales of every store, so many each; returns when they are recorded. */
async function sell(count: number): Promise<void> {
  const sales = stores.flatMap((businessUnitId) =>
    Array.from({ length: count }, (_, index) => cardSale(businessUnitId, sentCount + index + 1)),
  )
  sentCount += count
  const file = join(directory, `${sentCount}.ndjson`)
  writeFileSync(file, sales.map((one) => `${JSON.stringify(one)}\n`).join(''))
  await hub.printed(['send', file, '--to', hub.address], { TILLFLOW_TOKEN: token })
}

/** Sells while the target is paused, lets it go on, and kills the hub when some are there and others are not. */
async function sellAndKill(count: number): Promise<void> {
  const before = effects().length
  await hub.printed(['pause', 'erp', '--reason', 'stock-taking'])
  await sell(count)
  const resuming = hub.run(['resume', 'erp'])
  await expect.poll(() => effects().length, { timeout: 60_000, interval: 10 }).toBeGreaterThan(before + 20)
  await hub.stop('SIGKILL')
  await resuming
}

function cardSale(businessUnitId: string, number: number): Transaction {
  const sale = makeSale(number, { businessUnitId, workstationId: String((number % 3) + 1) })
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

interface Effect {
  reference: string
  payments: Record<string, number>
}
const effects = (): Effect[] =>
  readFileSync(join(books, 'effects.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Effect)
const storeOf = ({ reference }: Effect) => reference.replace(/^till:/, '').split('/')[0] ?? ''
/** Stores with bookings by this means of payment, among the effects after the first `from`. */
const storesBy = (method: string, from: number) =>
  [
    ...new Set(
      effects()
        .slice(from)
        .filter((one) => one.payments[method] !== undefined)
        .map(storeOf),
    ),
  ].toSorted()

async function allDelivered(): Promise<void> {
  const delivered = stores.length * sentCount
  await expect
    .poll(() => hub.printed(['status']), { timeout: 60_000, interval: 300 })
    .toMatchObject({ targets: [{ name: 'erp', delivered, pending: 0, parked: 0 }] })
  // One effect per receipt, whichever way it went.
  const booked = effects()
  expect(booked).toHaveLength(delivered)
  expect(new Set(booked.map((one) => one.reference)).size).toBe(delivered)
}

interface Status {
  targets: { delivered: number; parked: number; pending: number }[]
}

/**
 * As `allDelivered`, after a kill and a change of ways. What was on the line then is in the books under its key, and comes to the target
 * once more in another translation; this ERP refuses that, and a replay finds what it has.
 */
async function allDeliveredAfterKill(): Promise<void> {
  const count = stores.length * sentCount
  const settled = async () => {
    const [target] = (await hub.printed<Status>(['status'])).targets
    return target?.pending === 0 ? target.delivered + target.parked : 0
  }
  await expect.poll(settled, { timeout: 60_000, interval: 300 }).toBe(count)
  expect(new Set(effects().map((one) => one.reference)).size).toBe(count)
  const args = ['--state', 'parked', '--reason', 'went the other way', '--sample', '0', '--yes', '--wait']
  const { code, stderr } = await hub.run(['replay', '--target', 'erp', ...args])
  expect([code, stderr]).toEqual([0, ''])
  await allDelivered()
}

async function metric(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${hub.address}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`))
  return Object.fromEntries(
    lines.map((line) => [/(?:result|outcome)="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ').at(-1))]),
  )
}

beforeAll(async () => {
  mkdirSync(books)
  erp = await startProcess(erpScript, ['--data-directory', books])
  beside = createServer((_request, response) => {
    besideRequests += 1
    response.writeHead(500).end()
  })
  await new Promise<void>((resolve) => beside.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  await hub?.stop('SIGKILL')
  await erp?.kill()
  beside?.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('a shadow in a running hub', () => {
  it('sends nothing, neither to the target nor to a system of its own, and its differences are counted', async () => {
    const url = `http://127.0.0.1:${(beside.address() as AddressInfo).port}`
    const shadow = { name: 'vouchers', settings: { url, paymentMethods: 'CREDIT_DEBIT=voucher' } }
    await startHub({ shadow })
    token = await hub.createToken()
    await sell(10)
    await allDelivered()
    const compared = () => hub.printed<{ shadows: unknown[] }>(['shadow', '--target', 'erp'])
    await expect
      .poll(compared, { timeout: 30_000, interval: 300 })
      .toMatchObject({ shadows: [{ name: 'vouchers', same: 0, different: 30, failed: 0, dropped: 0, failure: null }] })
    expect(await compared()).toMatchObject({
      shadows: [{ fields: [{ field: 'payments[].method', count: 30 }] }],
    })
    expect(await metric('tillflow_shadow_compared_total')).toEqual({ different: 30 })
    expect(storesBy('voucher', 0)).toEqual([])
    expect(besideRequests).toBe(0)
    await hub.stop()
  })

  it('that translates as the live one does is told as the same', async () => {
    await startHub({ shadow: { name: 'alike', settings: {} } })
    await sell(5)
    await allDelivered()
    await expect
      .poll(() => hub.printed(['shadow', '--target', 'erp']), { timeout: 30_000, interval: 300 })
      .toMatchObject({ shadows: [{ name: 'alike', same: 15, different: 0, fields: [] }, { name: 'vouchers' }] })
    await hub.stop()
  })
})

describe('a canary in a running hub', () => {
  const settings = { paymentMethods: 'CREDIT_DEBIT=voucher' }

  it('has the receipts of its stores, and nobody else has', async () => {
    const before = effects().length
    await startHub({ canary: { stores: ['8'], settings } })
    await sell(10)
    await allDelivered()
    expect(storesBy('voucher', before)).toEqual(['8'])
    expect(storesBy('card', before)).toEqual(['7', '9'])
    expect(await metric('tillflow_canary_attempts_total')).toEqual({ delivered: 10 })
  })

  it('is rolled out to all in the middle of the business, across a kill, with one effect per receipt', async () => {
    const before = effects().length
    await sellAndKill(60)
    const killedAt = effects().length
    expect(killedAt).toBeGreaterThan(before)
    await startHub({ canary: { percent: 100, settings } })
    await allDeliveredAfterKill()
    // Something was left for the new way, also of stores that went the old way before.
    expect(killedAt).toBeLessThan(effects().length)
    const rolledOut = effects().length
    await sell(10)
    await allDelivered()
    expect(storesBy('voucher', rolledOut)).toEqual(stores)
    expect(storesBy('card', rolledOut)).toEqual([])
  })

  it('is rolled back in the same way', async () => {
    const before = effects().length
    await sellAndKill(60)
    const killedAt = effects().length
    expect(killedAt).toBeGreaterThan(before)
    await startHub({})
    await allDeliveredAfterKill()
    expect(killedAt).toBeLessThan(effects().length)
    const rolledBack = effects().length
    await sell(10)
    await allDelivered()
    expect(storesBy('card', rolledBack)).toEqual(stores)
    expect(storesBy('voucher', rolledBack)).toEqual([])
    expect(await metric('tillflow_canary_attempts_total')).toEqual({})
  })
})
