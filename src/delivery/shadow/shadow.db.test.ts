import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import type { Connection, DeliveryEvent } from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { shardOf } from '../../journal/shard.ts'
import { useDeliveryDatabase } from '../../testing/database/delivery-database.ts'
import { appendTestEvents } from '../../testing/journal.ts'
import { makeSale } from '../../testing/receipts.ts'
import { decide } from '../decide.ts'
import { defaultPolicy } from '../policy.ts'
import { createPostgresDeliveryStore } from '../postgres-store.ts'
import { readTargetStatus } from '../status.ts'
import { ensureTarget } from '../targets.ts'
import { runWorkers, TargetWorker } from '../worker.ts'
import { startShadow } from './shadow.ts'
import { addShadowTally, readShadows, recordShadowStart } from './shadow-store.ts'
import { addDifferences, emptyTally, examplesPerFieldMax, fieldsMax } from './tally.ts'

const database = useDeliveryDatabase()

const numberOf = (event: DeliveryEvent) => event.transaction.sequenceNumber ?? 0

/** Delivers so many sales while a shadow translates them too; returns how many requests the target saw. */
async function deliver(count: number, shadowPreview: Connection['preview']): Promise<number> {
  const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
  await recordShadowStart(database.pool, targetId, { name: 'next', connector: 'test' })
  await appendTestEvents(
    database.pool,
    Array.from({ length: count }, (_, index) => ({
      orderingKey: `9/${index % 4}`,
      shard: shardOf(`9/${index % 4}`),
      transaction: makeSale(index + 1),
    })),
  )
  let requests = 0
  const connection: Connection = {
    features: { idempotent: true, lookUp: false },
    postTransaction: async () => {
      requests += 1
      return { kind: 'delivered', documents: [] }
    },
    preview: (event) => ({ number: numberOf(event), lines: [{ amount: '1.00' }] }),
  }
  const shadow = startShadow({
    live: connection,
    shadow: {
      features: connection.features,
      // A shadow that sent anything would be seen here.
      postTransaction: connection.postTransaction as NonNullable<Connection['postTransaction']>,
      ...(shadowPreview && { preview: shadowPreview }),
    },
    clock: systemClock,
    logger: silentLogger,
    write: (tally) => addShadowTally(database.pool, targetId, 'next', tally),
  })
  const target = {
    targetId,
    name: 'erp',
    connectorName: 'test',
    connection,
    policy: { ...defaultPolicy, attemptTimeoutMs: 500 },
    fetch: () => Promise.reject(new Error('no network')),
  }
  const tools = {
    workerId: randomUUID(),
    store: createPostgresDeliveryStore(database.pool),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
    decide,
    onSettled: (_target: unknown, settlement: Parameters<typeof shadow.note>[0]) => shadow.note(settlement),
  }
  const worker = new TargetWorker(target, tools, { leaseMs: 2_000, pollMs: 10 })
  const running = runWorkers([worker])
  for (let look = 0; look < 500 && (await readTargetStatus(database.pool))[0]?.pending !== 0; look += 1)
    await systemClock.sleep(10)
  worker.stop()
  await running
  await shadow.stop()
  return requests
}

describe('a shadow', () => {
  it('counts what is the same and what is not, names the fields with examples, and sends nothing', async () => {
    const requests = await deliver(40, (event) => ({
      number: numberOf(event),
      lines: [{ amount: numberOf(event) % 4 === 0 ? '1.01' : '1.00' }],
    }))
    expect(requests).toBe(40)
    const [report] = await readShadows(database.pool, 'erp')
    expect(report).toMatchObject({ name: 'next', same: 30, different: 10, failed: 0, dropped: 0, failure: null })
    expect(report?.fields).toHaveLength(1)
    expect(report?.fields[0]).toMatchObject({ field: 'lines[].amount', count: 10 })
    expect(report?.fields[0]?.examples).toHaveLength(examplesPerFieldMax)
    expect(report?.fields[0]?.examples[0]).toMatchObject({ live: '"1.00"', shadow: '"1.01"' })
  })

  it('that throws harms nobody but itself', async () => {
    expect(
      await deliver(10, () => {
        throw new Error('no such field')
      }),
    ).toBe(10)
    expect((await readTargetStatus(database.pool))[0]).toMatchObject({ delivered: 10, parked: 0 })
    const [report] = await readShadows(database.pool, 'erp')
    expect(report).toMatchObject({ same: 0, failed: 10, failure: 'no such field' })
  })

  it('keeps a bounded number of fields and examples, and goes on counting under its name', async () => {
    const { targetId } = await ensureTarget(database.pool, 'erp', 'test')
    await recordShadowStart(database.pool, targetId, { name: 'next', connector: 'test' })
    for (const round of [1, 2]) {
      const tally = emptyTally()
      for (let field = 0; field < fieldsMax + 50; field += 1) {
        tally.counts.different += 1
        addDifferences(tally, { eventId: `e${round}`, subject: 's' }, [
          { field: `f${round}-${field}`, live: 'a\u0000b', shadow: undefined },
          { field: 'always', live: '1', shadow: '2' },
        ])
      }
      await addShadowTally(database.pool, targetId, 'next', tally)
    }
    await recordShadowStart(database.pool, targetId, { name: 'next', connector: 'test' })
    const [report] = await readShadows(database.pool, 'erp')
    expect(report).toMatchObject({ different: 2 * (fieldsMax + 50) })
    expect(report?.fields.length).toBeLessThanOrEqual(2 * fieldsMax)
    expect(report?.fields[0]).toMatchObject({ field: 'always', count: 2 * (fieldsMax + 50) })
    expect(report?.fields[0]?.examples).toHaveLength(examplesPerFieldMax)
  })

  it('is asked for by a target that exists', async () => {
    await expect(readShadows(database.pool, 'nobody')).rejects.toMatchObject({ code: 'unknown-target' })
  })
})
