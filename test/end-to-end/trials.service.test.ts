import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pauseTarget, resumeTarget } from '../../src/delivery/pause.ts'
import { readShadows } from '../../src/delivery/shadow/shadow-store.ts'
import { type Effect, ErpScene, makeCardSale } from './erp-scene.ts'

const stores = ['7', '8', '9']

let scene: ErpScene
/** A system of its own that the shadow knows the address of; everything that reaches it is counted. */
let beside: Server
let besideRequests = 0
let sentCount = 0

/** Starts the hub with the target as it was, and what is tried. */
async function startHub(trials: Record<string, unknown>): Promise<void> {
  scene.writeSettings({ ratePerSecond: 40, ...trials })
  await scene.startHub()
}

/** Card sales of every store, so many each; returns when they are recorded. */
async function sell(count: number): Promise<void> {
  const sales = stores.flatMap((businessUnitId) =>
    Array.from({ length: count }, (_, index) => makeCardSale(sentCount + index + 1, { businessUnitId })),
  )
  sentCount += count
  await scene.sell(sales)
}

/** Sells while the target is paused, lets it go on, and kills the hub when some are there and others are not. */
async function sellAndKill(count: number): Promise<void> {
  const before = scene.effects().length
  await pauseTarget(scene.pool, 'erp', 'stock-taking')
  await sell(count)
  await resumeTarget(scene.pool, 'erp')
  await expect.poll(() => scene.effects().length, { timeout: 60_000, interval: 10 }).toBeGreaterThan(before + 20)
  await scene.stopHub('SIGKILL')
}

const storeOf = ({ reference }: Effect) => reference.replace(/^till:/, '').split('/')[0] ?? ''
/** Stores with bookings by this means of payment, among the effects after the first `from`. */
const storesBy = (method: string, from: number) =>
  [
    ...new Set(
      scene
        .effects()
        .slice(from)
        .filter((one) => one.payments[method] !== undefined)
        .map(storeOf),
    ),
  ].toSorted()

async function allDelivered(): Promise<void> {
  const delivered = stores.length * sentCount
  await scene.delivered(delivered)
  // One effect per receipt, whichever way it went.
  const booked = scene.effects()
  expect(booked).toHaveLength(delivered)
  expect(new Set(booked.map((one) => one.reference)).size).toBe(delivered)
}

/**
 * As `allDelivered`, after a kill and a change of ways. What was on the line then is in the books under its key, and comes to the target
 * once more in another translation; this ERP refuses that, and a replay finds what it has.
 */
async function allDeliveredAfterKill(): Promise<void> {
  const count = stores.length * sentCount
  const settled = async () => {
    const target = await scene.status()
    return target?.pending === 0 ? target.delivered + target.parked : 0
  }
  await expect.poll(settled, { timeout: 60_000 }).toBe(count)
  expect(new Set(scene.effects().map((one) => one.reference)).size).toBe(count)
  const args = ['--state', 'parked', '--reason', 'went the other way', '--sample', '0', '--yes', '--wait']
  const { code, stderr } = await scene.hub.run(['replay', '--target', 'erp', ...args])
  expect([code, stderr]).toEqual([0, ''])
  await allDelivered()
}

async function metric(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${scene.hub.address}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`))
  return Object.fromEntries(
    lines.map((line) => [/(?:result|outcome)="([^"]*)"/.exec(line)?.[1] ?? '', Number(line.split(' ').at(-1))]),
  )
}

beforeAll(async () => {
  scene = await ErpScene.open('trials')
  beside = createServer((_request, response) => {
    besideRequests += 1
    response.writeHead(500).end()
  })
  await new Promise<void>((resolve) => beside.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  await scene?.close()
  beside?.close()
})

describe('a shadow in a running hub', () => {
  it('sends nothing, neither to the target nor to a system of its own, and its differences are counted', async () => {
    const url = `http://127.0.0.1:${(beside.address() as AddressInfo).port}`
    const shadow = { name: 'vouchers', settings: { url, paymentMethods: 'CREDIT_DEBIT=voucher' } }
    await startHub({ shadow })
    await sell(10)
    await allDelivered()
    await expect
      .poll(() => readShadows(scene.pool, 'erp'), { timeout: 30_000 })
      .toMatchObject([{ name: 'vouchers', same: 0, different: 30, failed: 0, dropped: 0, failure: null }])
    expect(await scene.hub.printed(['shadow', '--target', 'erp'])).toMatchObject({
      shadows: [{ name: 'vouchers', different: 30, fields: [{ field: 'payments[].method', count: 30 }] }],
    })
    expect(await metric('tillflow_shadow_compared_total')).toEqual({ different: 30 })
    expect(storesBy('voucher', 0)).toEqual([])
    expect(besideRequests).toBe(0)
    await scene.stopHub()
  })

  it('that translates as the live one does is told as the same', async () => {
    await startHub({ shadow: { name: 'alike', settings: {} } })
    await sell(5)
    await allDelivered()
    await expect
      .poll(() => readShadows(scene.pool, 'erp'), { timeout: 30_000 })
      .toMatchObject([{ name: 'alike', same: 15, different: 0, fields: [] }, { name: 'vouchers' }])
    await scene.stopHub()
  })
})

describe('a canary in a running hub', () => {
  const settings = { paymentMethods: 'CREDIT_DEBIT=voucher' }

  it('has the receipts of its stores, and nobody else has', async () => {
    const before = scene.effects().length
    await startHub({ canary: { stores: ['8'], settings } })
    await sell(10)
    await allDelivered()
    expect(storesBy('voucher', before)).toEqual(['8'])
    expect(storesBy('card', before)).toEqual(['7', '9'])
    expect(await metric('tillflow_canary_attempts_total')).toEqual({ delivered: 10 })
  })

  it('is rolled out to all in the middle of the business, across a kill, with one effect per receipt', async () => {
    const before = scene.effects().length
    await sellAndKill(30)
    const killedAt = scene.effects().length
    expect(killedAt).toBeGreaterThan(before)
    await startHub({ canary: { percent: 100, settings } })
    await allDeliveredAfterKill()
    // Something was left for the new way, also of stores that went the old way before.
    expect(killedAt).toBeLessThan(scene.effects().length)
    const rolledOut = scene.effects().length
    await sell(10)
    await allDelivered()
    expect(storesBy('voucher', rolledOut)).toEqual(stores)
    expect(storesBy('card', rolledOut)).toEqual([])
  })

  it('is rolled back in the same way', async () => {
    const before = scene.effects().length
    await sellAndKill(30)
    const killedAt = scene.effects().length
    expect(killedAt).toBeGreaterThan(before)
    await startHub({})
    await allDeliveredAfterKill()
    expect(killedAt).toBeLessThan(scene.effects().length)
    const rolledBack = scene.effects().length
    await sell(10)
    await allDelivered()
    expect(storesBy('card', rolledBack)).toEqual(stores)
    expect(storesBy('voucher', rolledBack)).toEqual([])
    expect(await metric('tillflow_canary_attempts_total')).toEqual({})
  })
})
