import type { Process, World } from '../../../testing/simulation/world.ts'
import type { JournalPosition, UnreadEvent } from '../../event.ts'
import type { RelayStore } from '../store.ts'

/** The rows that all processes share. */
export interface SharedRelay {
  events: UnreadEvent[]
  cursor: JournalPosition
  owner: string | undefined
  fence: number
  leaseUntil: number
  /** Asked whenever the cursor moves. */
  onAdvance(to: JournalPosition): void
}

/** PostgreSQL as a process sees it: every question is a step, and some fail before or after they had their effect. */
export function createMemoryRelayStore(
  world: World,
  owner: Process,
  shared: SharedRelay,
  failures: number,
): RelayStore {
  const ask = async <Answer>(work: () => Answer): Promise<Answer> => {
    await world.step(owner)
    world.maybeStall(owner)
    await world.step(owner)
    if (world.chance(failures / 2)) throw new Error('the database is away')
    const answer = work()
    if (world.chance(failures / 2)) throw new Error('the connection was lost')
    return answer
  }
  return {
    lead: (name, leaseMs) =>
      ask(() => {
        const isFree = shared.owner === undefined || shared.owner === name || shared.leaseUntil < world.now
        if (!isFree) return undefined
        if (shared.owner !== name) shared.fence += 1
        shared.owner = name
        shared.leaseUntil = world.now + leaseMs
        return { fence: String(shared.fence), cursor: shared.cursor }
      }),
    read: (after, limit) =>
      ask(() => shared.events.filter((event) => Number(event.position) > Number(after.position)).slice(0, limit)),
    lastOfShards: (until) =>
      ask(() => {
        const before = shared.events.filter((event) => Number(event.position) <= Number(until.position))
        return new Map(before.map(({ shard, xid, position }) => [shard, { xid, position }]))
      }),
    advance: (name, fence, to) =>
      ask(() => {
        if (shared.owner !== name || fence !== String(shared.fence)) return false
        shared.onAdvance(to)
        shared.cursor = to
        return true
      }),
    resign: (name) =>
      ask(() => {
        if (shared.owner === name) shared.owner = undefined
      }),
  }
}
