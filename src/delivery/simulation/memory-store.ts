import type { TargetDocument } from '../../contract/connector.ts'
import type { JournalEvent, JournalPosition } from '../../journal/event.ts'
import type { Process, World } from '../../testing/simulation/world.ts'
import type { OriginalState } from '../dependencies.ts'
import type { ClaimRequest, Commit, DeliveryStore, Entry, ShardLease } from '../store.ts'
import { blockingStates, type EntryState, isSettled } from '../transition.ts'
import { createMemoryGuardStore, type GuardMutant, MemoryGuards } from './memory-guards.ts'

interface ShardRow {
  cursor: JournalPosition
  owner: string | undefined
  fence: number
  leaseUntil: number
}

export interface EntryRow {
  event: JournalEvent
  state: EntryState
  attempts: number
  nextAttemptAt: number
  waitsFor: string | undefined
  deadlineAt: number
  reasonCode: string | undefined
  fence: number
}

/** Faults that are planted to see whether the simulation finds them. */
export type StoreMutant = GuardMutant | 'ignore-fence' | 'two-owners' | 'forget-queued' | 'forget-pause' | 'late-pause'

/** The tables of delivery in memory, with the semantics of `queries.ts`: each operation is one commit, fenced by shard. */
export class MemoryTables {
  readonly journal: JournalEvent[] = []
  readonly shards = new Map<number, ShardRow>()
  readonly entries = new Map<string, EntryRow>()
  readonly results = new Map<string, 'delivered' | 'skipped'>()
  readonly workers = new Map<string, number>()
  readonly steps = new Map<string, Map<string, TargetDocument>>()
  readonly guards = new MemoryGuards()
  paused = false
  resumesCount = 0

  constructor(shardsCount: number) {
    for (let shard = 0; shard < shardsCount; shard += 1) {
      this.shards.set(shard, { cursor: { xid: '0', position: '0' }, owner: undefined, fence: 0, leaseUntil: 0 })
    }
  }
}

export function createMemoryStore(
  tables: MemoryTables,
  world: World,
  owner: Process,
  mutant?: StoreMutant,
): DeliveryStore {
  /** An operation may begin late, and its answer may come late or, when the process dies meanwhile, never. */
  const operation = async <Result>(work: () => Result): Promise<Result> => {
    world.maybeStall(owner)
    await world.step(owner)
    const result = work()
    await world.step(owner)
    return result
  }
  const stillHeld = (lease: ShardLease, workerId: string) => {
    const row = tables.shards.get(lease.shard)
    return (
      row !== undefined && (mutant === 'ignore-fence' || (String(row.fence) === lease.fence && row.owner === workerId))
    )
  }
  const inShards = (leases: readonly ShardLease[]) => {
    const fences = new Map(leases.map((lease) => [lease.shard, lease.fence]))
    return [...tables.entries.values()]
      .filter((row) => fences.has(row.event.shard))
      .sort((a, b) => Number(a.event.position) - Number(b.event.position))
  }
  const toEntry = (row: EntryRow): Entry => ({
    event: row.event,
    state: row.state,
    attempts: row.attempts,
    deadlinePassed: row.deadlineAt <= world.now,
  })

  return {
    guards: createMemoryGuardStore({ tables: tables.guards, workers: tables.workers, world, operation, mutant }),
    announce: (workerId) => operation(() => void tables.workers.set(workerId, world.now)),
    readPause: () => operation(() => ({ isPaused: tables.paused, resumesCount: tables.resumesCount })),
    pauseGone: (_targetId, { resumesCount }) =>
      operation(() => {
        if (mutant === 'forget-pause') return
        if (resumesCount === tables.resumesCount || mutant === 'late-pause') tables.paused = true
      }),
    claimShards: (request) => operation(() => claim(tables, world, request, mutant)),
    releaseShards: (_targetId, workerId) =>
      operation(() => {
        for (const row of tables.shards.values()) if (row.owner === workerId) row.owner = undefined
        tables.workers.delete(workerId)
      }),
    readNew: (leases, limit) =>
      operation(() =>
        leases
          .flatMap(({ shard, cursor }) =>
            tables.journal.filter((event) => event.shard === shard && Number(event.position) > Number(cursor.position)),
          )
          .slice(0, limit),
      ),
    readHeld: (_targetId, leases, strictOrder) =>
      operation(() => ({
        orderingKeys: new Set(
          inShards(leases)
            .filter((row) => blockingStates.includes(row.state) || (strictOrder && isStopped(row)))
            .map((row) => row.event.orderingKey),
        ),
        dependentsWait: inShards(leases).some((row) => row.state === 'waiting'),
      })),
    readDue: (_targetId, leases, { lanesMax, perLane, ignoreSchedule, strictOrder }) =>
      operation(() => {
        const lanes = new Map<string, EntryRow[]>()
        const stopped = new Set<string>()
        for (const row of inShards(leases)) {
          if (strictOrder && isStopped(row)) stopped.add(row.event.orderingKey)
          if (!blockingStates.includes(row.state) || stopped.has(row.event.orderingKey)) continue
          lanes.set(row.event.orderingKey, [...(lanes.get(row.event.orderingKey) ?? []), row])
        }
        const fenceOf = new Map(leases.map((lease) => [lease.shard, lease.fence]))
        const due = [...lanes.values()].filter(([head]) => {
          if (!head) return false
          if (head.state === 'sending') return String(head.fence) !== fenceOf.get(head.event.shard)
          return head.state === 'queued' || ignoreSchedule || head.nextAttemptAt <= world.now
        })
        return due
          .sort(([a], [b]) => (a?.nextAttemptAt ?? 0) - (b?.nextAttemptAt ?? 0))
          .slice(0, lanesMax)
          .flatMap((rows) => rows.slice(0, perLane).map(toEntry))
      }),
    readReleased: (_targetId, leases, limit) =>
      operation(() =>
        inShards(leases)
          .filter((row) => {
            if (row.waitsFor === undefined) return false
            const settled = tables.results.has(row.waitsFor)
            const original = tables.entries.get(row.waitsFor)
            const parked = original?.state === 'parked' || original?.state === 'needs-check'
            if (row.state === 'waiting') return settled || parked || row.deadlineAt <= world.now
            return row.state === 'parked' && settled
          })
          .slice(0, limit)
          .map(toEntry),
      ),
    hastenRetries: (_targetId, leases) =>
      operation(() => {
        for (const row of inShards(leases))
          if (row.state === 'retry' || row.state === 'unknown') row.nextAttemptAt = world.now
      }),
    readSteps: (_targetId, eventId) => operation(() => new Map(tables.steps.get(eventId))),
    recordStep: ({ lease, workerId, eventId, step, document }) =>
      operation(() => {
        if (!stillHeld(lease, workerId)) return false
        tables.steps.set(eventId, new Map(tables.steps.get(eventId)).set(step, document))
        return true
      }),
    originalStates: (_targetId, eventIds) =>
      operation(() => new Map(eventIds.map((id): [string, OriginalState] => [id, stateOf(tables, id)]))),
    commit: (commit) =>
      operation(() => {
        const held = new Set(
          commit.leases.filter((lease) => stillHeld(lease, commit.workerId)).map((lease) => lease.shard),
        )
        apply(tables, world, commit, held, mutant)
        return held
      }),
  }
}

function isStopped({ state }: EntryRow): boolean {
  return state === 'waiting' || state === 'parked' || state === 'needs-check'
}

function claim(
  tables: MemoryTables,
  world: World,
  { workerId, leaseMs, renewOnly, only, busy, workersMax = Number.POSITIVE_INFINITY }: ClaimRequest,
  mutant?: StoreMutant,
): ShardLease[] {
  const leases: ShardLease[] = []
  tables.workers.set(workerId, world.now)
  const live = [...tables.workers.values()].filter((seenAt) => seenAt > world.now - leaseMs).length
  const fair = only ? only.size : Math.ceil(tables.shards.size / Math.max(1, Math.min(live, workersMax)))
  const share = workersMax > 0 ? fair : 0
  for (const row of tables.shards.values()) if (row.owner === workerId) row.leaseUntil = world.now + leaseMs
  for (const [shard, row] of tables.shards) {
    const mine = row.owner === workerId
    const free = row.owner === undefined || row.leaseUntil < world.now || (mutant === 'two-owners' && world.chance(0.3))
    if (!mine && (renewOnly || !free)) continue
    if (!(mine && busy.has(shard)) && (leases.length >= share || (only && !only.has(shard)))) {
      if (mine && !renewOnly) row.owner = undefined
      continue
    }
    if (!mine) {
      row.owner = workerId
      // The mutant hands out a shard that somebody works on, without telling that one.
      if (mutant !== 'two-owners') row.fence += 1
      row.leaseUntil = world.now + leaseMs
    }
    leases.push({ shard, fence: String(row.fence), cursor: row.cursor })
  }
  return leases
}

function stateOf(tables: MemoryTables, eventId: string): OriginalState {
  if (tables.results.has(eventId)) return 'settled'
  const entry = tables.entries.get(eventId)
  if (entry) return entry.state === 'parked' || entry.state === 'needs-check' ? 'parked' : 'open'
  return tables.journal.some((event) => event.eventId === eventId) ? 'open' : 'absent'
}

function apply(
  tables: MemoryTables,
  world: World,
  commit: Commit,
  held: ReadonlySet<number>,
  mutant?: StoreMutant,
): void {
  for (const [shard, cursor] of commit.cursors) {
    const row = tables.shards.get(shard)
    if (row && held.has(shard)) row.cursor = cursor
  }
  const fenceOf = new Map(commit.leases.map((lease) => [lease.shard, Number(lease.fence)]))
  for (const { event, transition, attempts, hadEntry } of commit.settlements) {
    if (!held.has(event.shard)) continue
    if (isSettled(transition)) {
      if (!tables.results.has(event.eventId)) tables.results.set(event.eventId, transition.state)
      if (hadEntry) tables.entries.delete(event.eventId)
      continue
    }
    if (mutant === 'forget-queued' && transition.state === 'queued') continue
    const waitsFor = 'waitsFor' in transition ? transition.waitsFor : undefined
    const before = tables.entries.get(event.eventId)
    const deadlineAt = 'deadlineMs' in transition ? world.now + transition.deadlineMs : Number.POSITIVE_INFINITY
    tables.entries.set(event.eventId, {
      event,
      state: transition.state,
      attempts,
      nextAttemptAt: 'delayMs' in transition ? world.now + transition.delayMs : 0,
      waitsFor,
      deadlineAt:
        before && (before.waitsFor === waitsFor || before.waitsFor === undefined || waitsFor === undefined)
          ? Math.min(before.deadlineAt, deadlineAt)
          : deadlineAt,
      reasonCode: 'reasonCode' in transition ? transition.reasonCode : undefined,
      fence: fenceOf.get(event.shard) ?? 0,
    })
  }
}
