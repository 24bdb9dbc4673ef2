import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../../contract/logger.ts'
import { createReferences } from '../../../privacy/references.ts'
import { Process, World } from '../../../testing/simulation/world.ts'
import type { UnreadEvent } from '../../event.ts'
import { shardOf } from '../../shard.ts'
import { Relay } from '../relay.ts'
import { createMemoryRelayStore, type SharedRelay } from './memory-store.ts'
import { type Broker, type BusScript, createScriptedBus } from './scripted-bus.ts'

const eventsCount = 60
const keys = ['9/1', '9/2', '9/3', '10/1', '10/2']
const runs = Number(process.env.TILLFLOW_SIMULATION_RUNS ?? 400)
const limits = {
  batchEventsMax: 7,
  publishesMax: 3,
  leaseMs: 10_000,
  pollMs: 500,
  publishTimeoutMs: 5_000,
  backoffBaseMs: 100,
  backoffMaxMs: 5_000,
  retentionMs: 1_000,
}
const refer = createReferences(createSecretKey(Buffer.alloc(32, 1)))

function makeEvents(): UnreadEvent[] {
  return Array.from({ length: eventsCount }, (_, index) => {
    const orderingKey = keys[index % keys.length] ?? ''
    return {
      eventId: `event-${index}`,
      xid: String(100 + index),
      position: String(index + 1),
      shard: shardOf(orderingKey),
      eventType: 'pos.transaction.recorded.v1',
      subject: `till:${orderingKey}/${index}`,
      orderingKey,
      dependsOn: [],
      dataText: JSON.stringify({ number: index }),
      traceparent: undefined,
      recordedAt: new Date(0),
    }
  })
}

/** One schedule: relays that are killed, stall and come back, over a broker and a database that fail. */
async function simulate(seed: number, script: Partial<BusScript>): Promise<string[]> {
  const world = new World(seed)
  world.stallProbability = 0.02
  const all = makeEvents()
  const faults: string[] = []
  const broker: Broker = {
    stored: [],
    script: { refuses: 0.1, storesPart: 0.15, losesAnswer: 0.1, hangs: 0.05, lies: 0, ...script },
  }
  const idsStored = () => new Set(broker.stored.map((message) => message.cloudEvent?.id))
  const shared: SharedRelay = {
    events: all.slice(0, 20),
    cursor: { xid: '0', position: '0' },
    owner: undefined,
    fence: 0,
    leaseUntil: 0,
    onAdvance: (to) => {
      const stored = idsStored()
      const early = all.filter((one) => Number(one.position) <= Number(to.position) && !stored.has(one.eventId))
      if (early.length > 0) faults.push(`the cursor passed ${early.length} events that are not stored`)
    },
  }
  const relays: { process: Process; relay: Relay }[] = []
  const start = () => {
    const process = new Process(`relay-${relays.length}`)
    const relay = new Relay(
      {
        store: createMemoryRelayStore(world, process, shared, 0.02),
        bus: createScriptedBus(world, process, broker),
        message: { topicPrefix: 'tillflow', eventSource: '/tillflow', journalId: 'simulated', refer },
        owner: process.name,
        clock: world.clockOf(process),
        random: world.random,
        logger: silentLogger,
      },
      limits,
    )
    relays.push({ process, relay })
    void relay.run()
  }
  start()
  start()
  const isDone = () => {
    if (world.chance(0.01) && shared.events.length < all.length) shared.events = all.slice(0, shared.events.length + 5)
    if (world.chance(0.004) && relays.length < 8) {
      const living = relays.filter(({ process }) => !process.dead)
      const victim = living[Math.floor(world.random.next() * living.length)]
      if (victim) victim.process.dead = true
      start()
    }
    return shared.cursor.position === String(eventsCount)
  }
  if (!(await world.run(isDone, 60_000))) faults.push(`it did not come to an end: ${shared.cursor.position}`)
  for (const key of keys) {
    const wanted = all.filter((event) => event.orderingKey === key).map((event) => event.eventId)
    const seen = broker.stored.filter((one) => one.orderingKey === key).map((one) => one.cloudEvent?.id)
    const firsts = [...new Set(seen)]
    if (JSON.stringify(firsts) !== JSON.stringify(wanted)) faults.push(`${key}: a consumer sees ${firsts.join(' ')}`)
  }
  return faults
}

describe('the relay, whatever fails', () => {
  it(`leaves to a consumer that collapses by id the journal in the order of every key, in ${runs} schedules`, async () => {
    for (let seed = 1; seed <= runs; seed += 1) {
      const faults = await simulate(seed, {})
      if (faults.length > 0) expect.unreachable(`seed ${seed}: ${faults.join('; ')}`)
    }
  })

  it('is found out when a broker confirms what it has not stored', async () => {
    const faults: string[] = []
    for (let seed = 1; seed <= 5; seed += 1) faults.push(...(await simulate(seed, { lies: 0.2 })))
    expect(faults.join()).toContain('that are not stored')
  })
})
