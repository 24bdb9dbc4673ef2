import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decimal, formatDecimal, multiply, negate } from '../../src/domain/decimal.ts'
import type { SaleLine } from '../../src/domain/transaction/line.ts'
import { type HttpFaultProxy, startHttpFaultProxy } from '../../src/testing/fault-proxy/http-fault-proxy.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { askForTargets } from '../ask-for-targets.ts'
import { HubProcess } from '../hub-process.ts'
import { type OpenTryton, openTryton } from '../peers/tryton/open-tryton.ts'
import { readStock, readTotals } from '../peers/tryton/tryton-totals.ts'

const receipts = 3
/** Calls of the till's receipts on whose way to Tryton the process that makes them is killed; looking things up is not counted. */
const deadlyCalls = new Set([5, 14])
/** What changes something in Tryton. */
const effect = /"model\.[a-z._]+\.(?:create|write|quote|confirm|process|post)"/
const settledWithinMs = 150_000
const opened = process.platform === 'linux' ? await openTryton() : undefined

describe.skipIf(!opened)('kill -9 of the delivery process while it posts to Tryton', () => {
  let peer: OpenTryton
  let proxy: HttpFaultProxy
  let hub: HubProcess
  const directory = mkdtempSync(join(tmpdir(), 'tillflow-tryton-kill-'))
  const killed: number[] = []

  beforeAll(async () => {
    peer = opened ?? expect.unreachable()
    proxy = await startHttpFaultProxy(peer.address.url)
    const { template, ...address } = peer.address as unknown as Record<string, unknown>
    const target = {
      ...{ name: 'erp', connector: 'tryton', allowPrivateNetwork: true, concurrencyMax: 2, attemptsMax: 50 },
      settings: { ...address, url: proxy.url },
    }
    const store = { businessUnitId: '9', timeZone: 'Europe/Berlin', currency: 'EUR' }
    const delivery = {
      deliveryProcessesCount: 1,
      // An attempt is given up at half a lease; what the killed process held is taken over after a whole one.
      ...{ deliveryLeaseMs: 12_000, deliveryAttemptTimeoutMs: 6_000 },
      ...{ deliveryBackoffBaseMs: 100, deliveryBackoffMaxMs: 500 },
    }
    const settings = { stores: [store], targets: [target], ...delivery }
    writeFileSync(join(directory, 'tillflow.json'), JSON.stringify(settings), { mode: 0o600 })
    hub = await HubProcess.start({ directory })
  }, 120_000)
  afterAll(async () => {
    await hub?.stop()
    await proxy?.stop()
    await peer?.drop()
    rmSync(directory, { recursive: true, force: true })
  })

  it('leaves one sale, one invoice and one payment of each receipt', {
    timeout: settledWithinMs + 60_000,
  }, async () => {
    let calls = 0
    proxy.decide = (body) => {
      if (!effect.test(body)) return 'pass'
      calls += 1
      // The call goes on to Tryton: nobody is left to hear its answer.
      if (deadlyCalls.has(calls)) for (const pid of deliveryProcessesOf(hub)) killed.push(killHard(pid))
      return 'pass'
    }
    const token = await hub.createToken()
    const operator = await hub.createToken('*', 'admin:read')
    for (let number = 1; number <= receipts; number += 1) {
      const answer = await fetch(`${hub.address}/v1/transactions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(makeSale(number, { workstationId: String(1 + (number % 2)) })),
      })
      expect(answer.status).toBe(201)
    }
    await expect
      .poll(async () => (await askForTargets(hub.address, operator))[0], {
        interval: 500,
        timeout: settledWithinMs,
      })
      .toMatchObject({ delivered: receipts, pending: 0, waiting: 0, parked: 0, needsCheck: 0 })
    expect(killed).toHaveLength(deadlyCalls.size)

    const sales = await peer.api.searchRead('sale.sale', [], ['reference', 'state'])
    expect(new Set(sales.map(({ reference }) => reference)).size).toBe(receipts)
    expect(sales.map(({ state }) => state)).toEqual(sales.map(() => 'done'))
    expect(sales).toHaveLength(receipts)
    const { invoicesCount, openCount, tenders } = await readTotals(peer.api)
    expect({ invoicesCount, openCount }).toEqual({ invoicesCount: receipts, openCount: 0 })
    const { lines, totals, businessDayDate } = makeSale(1)
    const times = (amount: string) => multiply(decimal(amount), decimal(String(receipts)))
    expect(tenders).toEqual({ [`9 ${businessDayDate} CASH`]: formatDecimal(times(totals?.grandTotal ?? '0')) })
    const goods = lines.find((line): line is SaleLine => line.lineType === 'SALE') ?? expect.unreachable()
    const stock = Object.entries(await readStock(peer.api, '9')).map(([item, text]) => [
      item,
      formatDecimal(decimal(text)),
    ])
    expect(stock).toEqual([[goods.itemId, formatDecimal(negate(times(goods.quantity)))]])
  })
})

function killHard(pid: number): number {
  process.kill(pid, 'SIGKILL')
  return pid
}

/** The delivery processes that this hub has started, and nothing else. */
function deliveryProcessesOf({ child }: HubProcess): number[] {
  const { pid = 0 } = child
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  return children.filter((one) => {
    const command = readFileSync(`/proc/${one}/cmdline`, 'utf8').split('\0')
    return command.includes('--roles') && command.includes('delivery')
  })
}
