import type { BusConsumer, ReceivedMessage, Subscription } from '../../contract/bus.ts'
import type { JournalEvent, JournalPosition } from '../../journal/event.ts'
import { Process, type World } from '../../testing/simulation/world.ts'
import type { FedEvent } from '../feed/shard-buffer.ts'
import type { MemoryTables } from './memory-store.ts'

interface Member {
  owner: Process
  subscription: Subscription
  shards: Map<number, AbortController>
}

const topic = 'transactions'

/**
 * A relay and a broker that do everything a real pair may: repeat, lose, forget what came before, give shards to another
 * consumer in the middle of its work, and hand the same
 * messages out again, or be away for a while. Some of them say only where their data is.
 */
export class SimulatedBus {
  readonly #world: World
  readonly #tables: MemoryTables
  readonly #broker = new Process('broker')
  readonly #logs = new Map<number, FedEvent[]>()
  readonly #offsets = new Map<number, number>()
  readonly #owners = new Map<number, Member>()
  #members: Member[] = []
  #isDown = false
  faults = { lose: 0.1, repeat: 0.1, forgetPrevious: 0.1, refer: 0.2 }

  constructor(world: World, tables: MemoryTables) {
    this.#world = world
    this.#tables = tables
    for (const shard of tables.shards.keys()) {
      this.#logs.set(shard, [])
      this.#offsets.set(shard, 0)
    }
    void this.#relay()
  }

  readonly read = (message: ReceivedMessage): FedEvent | undefined =>
    this.#logs.get(message.partition)?.[Number(message.offset)]

  subscribeAs(owner: Process): (subscription: Subscription) => Promise<BusConsumer> {
    return async (subscription) => {
      await this.#world.step(owner)
      const member: Member = { owner, subscription, shards: new Map() }
      this.#members.push(member)
      void this.rebalance()
      return { close: async () => this.#leave(member) }
    }
  }

  /** The broker is away: everybody loses every shard, and gets none before it is back. */
  async outage(durationMs: number): Promise<void> {
    if (this.#isDown) return
    this.#isDown = true
    for (const [shard, member] of this.#owners) {
      member.shards.get(shard)?.abort()
      member.shards.delete(shard)
      if (!member.owner.dead) void member.subscription.onRevoked?.([{ topic, partition: shard }])
    }
    this.#owners.clear()
    await this.#world.clockOf(this.#broker).sleep(durationMs)
    this.#isDown = false
    await this.rebalance()
  }

  /** Gives every shard to a living member, mostly to the one that has it. */
  async rebalance(): Promise<void> {
    if (this.#isDown) return
    this.#members = this.#members.filter((member) => !member.owner.dead)
    for (const shard of this.#logs.keys()) {
      const before = this.#owners.get(shard)
      const stays = before !== undefined && this.#members.includes(before) && this.#world.chance(0.5)
      const after = this.#members[Math.floor(this.#world.random.next() * this.#members.length)]
      if (stays || !after || after === before) continue
      this.#owners.set(shard, after)
      void this.#move(shard, before, after)
    }
  }

  async #move(shard: number, before: Member | undefined, after: Member): Promise<void> {
    const partition = { topic, partition: shard }
    before?.shards.get(shard)?.abort()
    before?.shards.delete(shard)
    const revoked = before?.subscription.onRevoked?.([partition])
    // A member that does not answer in time has lost its shards all the same.
    await Promise.race([revoked, this.#world.clockOf(this.#broker).sleep(this.#world.random.next() * 2_000)])
    if (this.#owners.get(shard) !== after) return
    const taken = new AbortController()
    after.shards.set(shard, taken)
    await this.#world.step(after.owner)
    if (taken.signal.aborted) return
    await after.subscription.onAssigned?.([partition])
    await this.#pump(after, shard, taken.signal)
  }

  async #pump(member: Member, shard: number, taken: AbortSignal): Promise<void> {
    const clock = this.#world.clockOf(member.owner)
    while (!taken.aborted) {
      const offset = this.#offsets.get(shard) ?? 0
      const count = 1 + Math.floor(this.#world.random.next() * 3)
      const messages = (this.#logs.get(shard) ?? [])
        .slice(offset, offset + count)
        .map((_, index) => messageAt(shard, offset + index))
      if (messages.length > 0) {
        try {
          await member.subscription.onMessages(messages, { topic, partition: shard }, taken)
          if (!taken.aborted) this.#offsets.set(shard, offset + messages.length)
        } catch {
          // They come again.
        }
      }
      await clock.sleep(50 + this.#world.random.next() * 200)
    }
  }

  #leave(member: Member): void {
    for (const taken of member.shards.values()) taken.abort()
    this.#members = this.#members.filter((one) => one !== member)
    void this.rebalance()
  }

  async #relay(): Promise<void> {
    const clock = this.#world.clockOf(this.#broker)
    const previous = new Map<number, JournalPosition>()
    for (let read = 0; ; ) {
      await clock.sleep(this.#world.random.next() * 500)
      const event = this.#tables.journal[read]
      if (!event) continue
      if (this.#isDown) continue
      read += 1
      const known = previous.get(event.shard) ?? { xid: '0', position: '0' }
      previous.set(event.shard, event)
      if (this.#world.chance(this.faults.lose)) continue
      this.#store(event, this.#world.chance(this.faults.forgetPrevious) ? undefined : known)
    }
  }

  #store(event: JournalEvent, previous: JournalPosition | undefined): void {
    const log = this.#logs.get(event.shard)
    const sent = this.#world.chance(this.faults.refer) ? { ...event, data: undefined } : event
    log?.push({ event: sent, previous })
    if (log && this.#world.chance(this.faults.repeat)) log.push(...log.slice(-3))
  }
}

function messageAt(shard: number, offset: number): ReceivedMessage {
  return {
    topic,
    orderingKey: '',
    partition: shard,
    offset: String(offset),
    redelivered: false,
    headers: {},
    contentType: 'application/json',
    body: new Uint8Array(),
  }
}
