import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool as Connections } from 'undici'
import { systemRandom } from '../src/contract/clock.ts'
import { isPostable } from '../src/domain/postable.ts'
import type { Transaction } from '../src/domain/transaction/transaction.ts'
import { HubProcess } from '../test/hub-process.ts'
import { median } from './pairs.ts'
import { makeReceipts } from './receipts.ts'
import type { BenchResult } from './result.ts'

const receiptsPerSecond = 300
const secondsMeasured = 30
const secondsToWarm = 10
/** Runs of one hub: three are the least from which a median says anything. */
const runsFew = 3
const targetsCount = 2
const giveUpMs = 60_000

/**
 * Milliseconds from the moment a till has a receipt until both targets have it, at a steady rate of receipts that come when
 * they come: one that must wait for the hub is late from its own moment on, not from when it could be sent. Tills, hub,
 * PostgreSQL and targets share the machine. What the tills and targets alone cost is measured beside it.
 */
export async function benchEndToEnd(runs = runsFew): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-bench-'))
  const arrivals = new Arrivals()
  const targets = await Promise.all(Array.from({ length: targetsCount }, () => startTarget(arrivals)))
  const settingsFile = join(directory, 'tillflow.json')
  await writeFile(settingsFile, JSON.stringify(settingsOf(targets)))
  const hub = await HubProcess.start({ directory, environment: { TILLFLOW_SETTINGS_FILE: settingsFile } })
  const p50s: number[] = []
  const p99s: number[] = []
  let seed = 1
  try {
    const throughHub = toHub(hub.address, await hub.createToken())
    const straight = toTargets(targets)
    await measure(throughHub, arrivals, seed++, secondsToWarm)
    for (let run = 1; run <= runs; run += 1) {
      tell('without a hub', await measure(straight, arrivals, seed++, secondsMeasured / 3))
      const measured = await measure(throughHub, arrivals, seed++, secondsMeasured)
      tell(`run ${run}/${runs}`, measured)
      p50s.push(milliseconds(measured.percentile(50)))
      p99s.push(milliseconds(measured.percentile(99)))
    }
    await throughHub.close()
    await straight.close()
  } finally {
    await hub.stop()
    for (const target of targets) target.close()
    await rm(directory, { recursive: true, force: true })
  }
  const what = `ms until both targets have a receipt, ${receiptsPerSecond} receipts a second`
  return {
    name: 'end-to-end',
    ratios: [
      { name: `99 of 100: ${what}`, value: median(p99s), goal: 250, better: 'lower' },
      { name: `half of them: ${what}`, value: median(p50s), goal: 100, better: 'lower' },
    ],
  }
}

interface Line {
  send(receipt: Transaction): Promise<void>
  close(): Promise<void>
}

/** When each receipt was there, and how many targets still lack it. */
class Arrivals {
  readonly #open = new Map<string, { dueMs: number; missing: number }>()
  #histogram: RecordableHistogram = createHistogram()

  start(): RecordableHistogram {
    this.#histogram = createHistogram()
    return this.#histogram
  }

  expect(receipt: Transaction, dueMs: number): void {
    this.#open.set(nameOf(receipt), { dueMs, missing: targetsCount })
  }

  arrived(receipt: Transaction): void {
    const name = nameOf(receipt)
    const waiting = this.#open.get(name)
    if (!waiting) throw new Error(`${name} came more often than there are targets`)
    waiting.missing -= 1
    if (waiting.missing > 0) return
    this.#open.delete(name)
    // In microseconds: a histogram takes whole numbers.
    this.#histogram.record(Math.max(1, Math.round((performance.now() - waiting.dueMs) * 1_000)))
  }

  async settled(): Promise<void> {
    const deadline = performance.now() + giveUpMs
    while (this.#open.size > 0) {
      if (performance.now() > deadline) throw new Error(`${this.#open.size} receipts did not arrive in time`)
      await sleep(5)
    }
  }
}

function nameOf({ businessUnitId, workstationId, sequenceNumber }: Transaction): string {
  return `${businessUnitId}/${workstationId}/${sequenceNumber}`
}

async function measure(line: Line, arrivals: Arrivals, seed: number, seconds: number): Promise<RecordableHistogram> {
  const receipts = makeReceipts(receiptsPerSecond * seconds, seed).filter((receipt) => isPostable(receipt).postable)
  const histogram = arrivals.start()
  const sending: Promise<void>[] = []
  let dueMs = performance.now() + 100
  for (const receipt of receipts) {
    const waitMs = dueMs - performance.now()
    if (waitMs > 1) await sleep(waitMs)
    arrivals.expect(receipt, dueMs)
    sending.push(line.send(receipt))
    // Shoppers do not come in step: the time between two of them is exponential.
    dueMs += (-Math.log(1 - systemRandom.next()) * 1_000) / receiptsPerSecond
  }
  await Promise.all(sending)
  await arrivals.settled()
  return histogram
}

function toHub(address: string, token: string): Line {
  const connections = new Connections(address, { connections: 64 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    send: (receipt) => post(connections, '/v1/transactions', headers, receipt, 201),
    close: () => connections.close(),
  }
}

/** The tills tell both targets themselves, and nobody keeps anything. */
function toTargets(targets: readonly Target[]): Line {
  const all = targets.map(({ url }) => new Connections(url, { connections: 64 }))
  const headers = { 'content-type': 'application/json' }
  return {
    send: async (receipt) => {
      await Promise.all(all.map((one) => post(one, '/', headers, { data: receipt }, 204)))
    },
    close: async () => {
      await Promise.all(all.map((one) => one.close()))
    },
  }
}

async function post(
  connections: Connections,
  path: string,
  headers: Record<string, string>,
  body: object,
  expected: number,
): Promise<void> {
  const answer = await connections.request({ method: 'POST', path, headers, body: JSON.stringify(body) })
  const text = await answer.body.text()
  if (answer.statusCode !== expected) throw new Error(`${path} answered ${answer.statusCode}: ${text}`)
}

interface Target {
  url: string
  close(): void
}

/** A system behind a webhook that takes everything at once. */
async function startTarget(arrivals: Arrivals): Promise<Target> {
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.once('end', () => {
      const event = JSON.parse(Buffer.concat(parts).toString('utf8')) as { data: Transaction }
      arrivals.arrived(event.data)
      response.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function settingsOf(targets: readonly Target[]): object {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  return {
    // As how-to/run-several-delivery-processes.md advises where there is more than one core: what is sent does not hold up what comes in.
    deliveryProcessesCount: 1,
    targets: targets.map(({ url }, index) => ({
      name: `target-${index + 1}`,
      connector: 'webhook',
      // A return whose sale no till of the benchmark made must not wait for it.
      whenOriginalMissing: 'deliver',
      allowPrivateNetwork: true,
      settings: { url: `${url}/`, signature: 'hmac', secret },
    })),
  }
}

function milliseconds(microseconds: number): number {
  return microseconds / 1_000
}

function tell(run: string, histogram: RecordableHistogram): void {
  const figures = [50, 90, 99, 99.9].map((part) => `p${part} ${milliseconds(histogram.percentile(part)).toFixed(1)}`)
  process.stderr.write(
    `end-to-end/${run}: ${histogram.count} receipts, ${figures.join(', ')}, most ${milliseconds(histogram.max).toFixed(1)} ms\n`,
  )
}
