import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { type StartedHub, startHubProcess, startTarget } from '../telemetry/hub.ts'
import { fedSettings } from './fed-settings.ts'

const tillsCount = 8
const receiptsPerTill = 15
/** So many are refused once, so that their tills leave the fast path. */
const refusedEvery = 10

/** Delivery whose events come over a bus, in a whole hub with processes of its own, one of which is killed in the middle. */
export function describeFedDelivery(engine: string, busSettings: () => Promise<Record<string, string>>): void {
  describe(`delivery fed by ${engine}`, () => {
    let server: TestServer
    let database: TestDatabase
    let directory: string
    let hub: StartedHub
    let target: Awaited<ReturnType<typeof startTarget>>

    beforeAll(async () => {
      server = await startTestServer()
      database = await server.createDatabase()
      directory = await mkdtemp(join(tmpdir(), 'tillflow-fed-'))
      target = await startTarget((subject, request) =>
        request === 1 && Number(subject.split('/').at(-1)) % refusedEvery === 0 ? 503 : 204,
      )
      hub = await startHubProcess({
        TILLFLOW_DATA_DIRECTORY: directory,
        TILLFLOW_DATABASE_URL: database.url,
        TILLFLOW_BUS_ENGINE: engine,
        ...(await busSettings()),
        TILLFLOW_RELAY_LEASE_MS: '1000',
        TILLFLOW_DELIVERY_PROCESSES_COUNT: '2',
        TILLFLOW_DELIVERY_LEASE_MS: '3000',
        TILLFLOW_DELIVERY_ATTEMPT_TIMEOUT_MS: '1000',
        TILLFLOW_DELIVERY_BACKOFF_BASE_MS: '100',
        ...fedSettings(target.url),
      })
    })
    afterAll(async () => {
      await hub?.stop()
      await target?.close()
      await database?.drop()
      await server?.stop()
      await rm(directory, { recursive: true, force: true })
    })

    it('brings every receipt of every till, in order, though a delivery process is killed', async () => {
      const send = async (from: number, to: number) => {
        for (let number = from; number < to; number += 1) {
          await Promise.all(
            Array.from({ length: tillsCount }, async (_, till) => {
              const receipt = makeSale(number, { workstationId: String(till + 1), customerId: 'C-777000' })
              expect((await hub.post(receipt)).status).toBe(201)
            }),
          )
        }
      }
      await send(1, receiptsPerTill)
      const victim = await deliveryProcess(hub)
      process.kill(victim, 'SIGKILL')
      await send(receiptsPerTill, 2 * receiptsPerTill)

      const expected = 2 * receiptsPerTill - 1
      const arrived = () => Array.from({ length: tillsCount }, (_, till) => firstArrivals(target, String(till + 1)))
      const deadline = Date.now() + 90_000
      while (Date.now() < deadline && arrived().some((numbers) => numbers.length < expected)) await wait(100)
      const inOrder = Array.from({ length: expected }, (_, index) => index + 1)
      for (const numbers of arrived()) expect(numbers, hub.log().slice(-4_000)).toEqual(inOrder)
      expect(hub.log()).not.toContain('events that the bus did not bring')
    })
  })
}

/** The numbers that a till's receipts were taken in, each at its first success. */
function firstArrivals(target: Awaited<ReturnType<typeof startTarget>>, workstationId: string): number[] {
  const numbers = target
    .taken()
    .map((subject) => subject.split('/'))
    .filter((parts) => parts.at(-3) === workstationId)
    .map((parts) => Number(parts.at(-1)))
  return [...new Set(numbers)]
}

async function deliveryProcess(hub: StartedHub): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const pid = /"pid":(\d+)[^\n]*"delivery is running"/.exec(hub.log())?.[1]
    if (pid !== undefined && Number(pid) !== hub.child.pid) return Number(pid)
    await wait(50)
  }
  throw new Error(`no delivery process said that it is running:\n${hub.log().slice(-2_000)}`)
}
