import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HubStatus } from '../../src/cli/hub-status.ts'
import { Child } from '../../src/demo/child.ts'
import { decimal } from '../../src/domain/decimal.ts'
import type { Truth } from '../../src/simulator/truth/shape.ts'
import { type HttpFaultProxy, startHttpFaultProxy } from '../../src/testing/fault-proxy/http-fault-proxy.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'
import { askForTargets } from '../ask-for-targets.ts'
import { mainScript, printedBy } from '../launch-tillflow.ts'
import { loadAssortment } from '../peers/tryton/load-assortment.ts'
import { type OpenTryton, openTryton } from '../peers/tryton/open-tryton.ts'
import { readStock, readTotals, Sums, type Totals } from '../peers/tryton/tryton-totals.ts'
import { expectedBooks, plantedKeys } from './expected-books.ts'

/** Shoppers of a till on a day; a real ERP takes two seconds for each. TRYTON_RECEIPTS sets more, as every night. */
const receipts = process.env.TRYTON_RECEIPTS ?? '2'
/** Of the five stores' tills: every fault, and no customer who brings back what a poisoned receipt sold. */
const faults = 'heavy,lost=0.05,unreadable=0.05,conflicting=0.08,poison=0.05,number-reset=0.1'
/** With this seed a few receipts are of every kind. */
const simulated = [...'--stores 5 --days 7 --tills 1 --seed 4'.split(' '), '--receipts', receipts, '--faults', faults]
const kinds = ['EXCHANGE', 'GIFT_CARD_ISSUE', 'POST_VOID', 'RETURN', 'SALE']
const currencies = ['CHF', 'EUR', 'JPY', 'SEK', 'USD']
const settledWithinMs = 3_600_000
const opened = await openTryton()

interface RunningHub {
  child: Child
  url: string
  /** For commands that look at it. */
  environment: Record<string, string>
}

describe.skipIf(!opened)(
  'a week of five stores with every fault, in Tryton, while answers are lost and gateways fail',
  () => {
    let peer: OpenTryton
    let proxy: HttpFaultProxy
    let directory: string
    let hub: RunningHub
    let truth: Truth
    beforeAll(async () => {
      peer = opened ?? expect.unreachable()
      proxy = await startHttpFaultProxy(peer.address.url)
      directory = await mkdtemp(join(tmpdir(), 'tillflow-week-'))
      await loadAssortment(peer.address)
      hub = await startHub(directory, { ...peer.address, url: proxy.url })
    })
    afterAll(async () => {
      await hub?.child.stop()
      await proxy?.stop()
      await peer?.drop()
      await rm(directory, { recursive: true, force: true })
    })

    it('is taken by the hub and comes to its end', { timeout: settledWithinMs }, async () => {
      const dice = seededRandom(11)
      proxy.decide = (body) => {
        if (body.includes('common.db.login')) return 'pass'
        const roll = dice.next()
        return roll < 0.01 ? 'lose-answer' : roll < 0.015 ? 'error-500' : roll < 0.02 ? 'refuse' : 'pass'
      }
      const environment = { ...hub.environment, TILLFLOW_TOKEN: await createToken(hub, 'transactions:write') }
      const out = join(directory, 'sent')
      await printedBy(['simulate', ...simulated, '--to', hub.url, '--out', out, '--json'], {
        environment,
        accept: [0, 6],
      })
      truth = JSON.parse(await readFile(join(out, 'truth.json'), 'utf8')) as Truth
      expect(Object.keys(truth.totals.planted).sort()).toEqual(Object.keys(truth.made.faults).sort())
      expect([...new Set(truth.storeDays.flatMap(({ sold }) => Object.keys(sold.receipts)))]).toEqual(
        expect.arrayContaining(kinds),
      )
      expect(truth.stores.map(({ currency }) => currency).sort()).toEqual(currencies)
      await settle(hub)
    })

    it('has parked the poison and nothing else', async () => {
      const { events } = await printedBy<{ events: { receipt: string }[] }>(['lanes', '--parked', '--json'], hub)
      expect(events.map((event) => event.receipt).sort()).toEqual(plantedKeys(truth, 'poison'))
      expect(events.length).toBeGreaterThan(0)
    })

    it('names every number that was lost', async () => {
      const status = await printedBy<HubStatus>(['status', '--json'], hub)
      expect(status.gaps).toBe(plantedKeys(truth, 'lost').length)
    })

    it('is in the books of Tryton to the cent, by store, day, tender and tax, nothing doubled', async () => {
      const expected = expectedBooks(truth)
      const { tenders, taxes, openCount } = await readTotals(peer.api)
      expect(tenders).toEqual(expected.tenders)
      expect(byRate(taxes)).toEqual(expected.taxes)
      expect(openCount).toBe(0)
      const [status] = (await printedBy<HubStatus>(['status', '--json'], hub)).targets
      expect(status?.needsCheck).toBe(0)
    })

    it('is in the stock of Tryton to the piece and the gram', async () => {
      for (const [store, stock] of Object.entries(expectedBooks(truth).stock)) {
        const sums = new Sums()
        for (const [item, quantity] of Object.entries(await readStock(peer.api, store)))
          sums.add(item, decimal(quantity))
        expect(sums.texts(), `the stock of store ${store}`).toEqual(stock)
      }
    })
  },
)

async function startHub(directory: string, address: object): Promise<RunningHub> {
  const prepared = join(directory, 'prepared')
  await printedBy(['simulate', ...simulated, '--prepare', '--out', prepared, '--json'])
  const settings = JSON.parse(await readFile(join(prepared, 'tillflow.json'), 'utf8')) as object
  const settingsFile = join(directory, 'tillflow.json')
  const targets = [
    {
      name: 'erp',
      connector: 'tryton',
      allowPrivateNetwork: true,
      concurrencyMax: 3,
      attemptsMax: 50,
      // What was lost at the till may come back over the counter: it must not wait for ever.
      whenOriginalMissing: 'deliver',
      settings: { ...(({ template, ...own }) => own)(address as Record<string, unknown>), createProducts: false },
    },
  ]
  const hubSettings = {
    dataDirectory: join(directory, 'data'),
    httpPort: 0,
    deliveryLeaseMs: 200_000,
    deliveryAttemptTimeoutMs: 90_000,
    deliveryBackoffBaseMs: 100,
    deliveryBackoffMaxMs: 5_000,
    deliveryWaitDeadlineMs: 3_000,
    targets,
  }
  await writeFile(settingsFile, JSON.stringify({ ...settings, ...hubSettings }), { mode: 0o600 })
  const environment = { TILLFLOW_SETTINGS_FILE: settingsFile }
  const { child, ready } = await Child.start<{ address: string }>({
    name: 'hub',
    args: [mainScript, 'start'],
    environment,
    logFile: join(directory, 'hub.log'),
  })
  return { child, url: ready.address, environment }
}

async function createToken({ environment }: RunningHub, scopes: string): Promise<string> {
  const create = ['token', 'create', '--name', scopes, '--stores', '*', '--scopes', scopes, '--json']
  return (await printedBy<{ token: string }>(create, { environment })).token
}

/** Until every acknowledged receipt is delivered, skipped or parked. */
async function settle(hub: RunningHub): Promise<void> {
  const deadline = Date.now() + settledWithinMs
  const token = await createToken(hub, 'admin:read')
  for (;;) {
    const targets = await askForTargets(hub.url, token)
    if (targets.every((target) => target.pending === 0 && target.waiting === 0)) return
    if (Date.now() > deadline) throw new Error(`not settled: ${JSON.stringify(targets)}`)
    await sleep(1_000)
  }
}

/** `101 2026-03-02 TILL-VAT-19` as `101 2026-03-02 19`. */
function byRate(taxes: Totals): Totals {
  const sums = new Sums()
  for (const [name, amount] of Object.entries(taxes)) sums.add(name.replace(/TILL-.*-/, ''), decimal(amount))
  return sums.texts()
}
