import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer, type TestDatabase, type TestServer } from '../../src/testing/database/test-server.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { type StartedHub, startHubProcess, startTarget } from '../telemetry/hub.ts'
import { fedSettings } from './fed-settings.ts'

const tillsCount = 12
const receiptsPerTill = 3

interface Installation {
  operatorId: string
  directory: string
  database: TestDatabase
  target: Awaited<ReturnType<typeof startTarget>>
  hub: StartedHub
}

let server: TestServer
let bus: TestDatabase
const installations: Installation[] = []

beforeAll(async () => {
  server = await startTestServer()
  bus = await server.createDatabase()
  installations.push(...(await Promise.all(['one', 'two'].map(startInstallation))))
})
afterAll(async () => {
  for (const { hub, target, database, directory } of installations) {
    await hub.stop()
    await target.close()
    await database.drop()
    await rm(directory, { recursive: true, force: true })
  }
  await bus?.drop()
  await server?.stop()
})

async function startInstallation(operatorId: string): Promise<Installation> {
  const database = await server.createDatabase()
  // Databases of tests are copies of one that was migrated.
  await database.pool.query('update journal_identity set journal_id = gen_random_uuid()')
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-two-'))
  const target = await startTarget(() => 204)
  const hub = await startHubProcess({
    TILLFLOW_DATA_DIRECTORY: directory,
    TILLFLOW_DATABASE_URL: database.url,
    TILLFLOW_BUS_ENGINE: 'postgres',
    TILLFLOW_BUS_URL: bus.url,
    ...fedSettings(target.url),
  })
  return { operatorId, directory, database, target, hub }
}

it('delivers to each of two installations on one bus what is its own, though all their names are the same', async () => {
  const count = tillsCount * receiptsPerTill
  const sell = async ({ hub, operatorId }: Installation, till: number) => {
    for (let number = 1; number <= receiptsPerTill; number += 1)
      expect((await hub.post(makeSale(number, { workstationId: `${till}`, operatorId }))).status).toBe(201)
  }
  const tills = Array.from({ length: tillsCount }, (_, till) => till)
  await Promise.all(installations.flatMap((one) => tills.map((till) => sell(one, till))))
  for (const { hub, target, operatorId } of installations) {
    await expect.poll(() => new Set(target.taken()).size, { timeout: 60_000 }).toBe(count)
    expect(target.taken()).toHaveLength(count)
    // Without personal data, so that what is sent is what the bus brought.
    const operators = new Set(target.all().map(({ event }) => operatorOf(event)))
    expect([...operators]).toEqual([operatorId])
    expect(hub.log().match(/events of another installation are in this topic/g)).toHaveLength(1)
    expect(hub.log()).not.toContain('events that the bus did not bring')
  }
})

function operatorOf(event: object): string | undefined {
  return /"operatorId":"(\w+)"/.exec(JSON.stringify(event))?.[1]
}
