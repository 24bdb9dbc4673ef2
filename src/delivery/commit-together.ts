import pg, { type Pool, type QueryConfig } from 'pg'
import { systemClock } from '../contract/clock.ts'
import { GroupedCalls } from '../database/grouped-calls.ts'
import { batchedColumnsCount, commitValues, isOrdinary, resultColumnsCount } from './commit-values.ts'
import { commitBatchesText, commitResultsText, commitText } from './queries.ts'
import type { Commit } from './store.ts'

/** Each is of up to `batchEventsMax` events. A second group on its way keeps a large one from holding up the small. */
const grouping = { groupSizeMax: 16, groupsInFlightMax: 2, queueMax: Number.POSITIVE_INFINITY, clock: systemClock }

/**
 * Settles the cycles of all workers of a process, of whatever target: those that end while others are written are written together, in
 * one statement and with one wait for the disk. Each keeps its own fences; an error that one of them brings on fails that one.
 */
export function createCommitter(pool: Pool): (commit: Commit) => Promise<Set<number>> {
  const calls = new GroupedCalls<Commit, Set<number>>(async (commits) => {
    const answers = new Map<Commit, Set<number> | Error>()
    for (const round of roundsOf(commits)) {
      const settled = await settleEach(pool, round)
      for (const [index, commit] of round.entries()) answers.set(commit, settled[index] ?? new Set())
    }
    return commits.map((commit) => answers.get(commit) ?? new Set())
  }, grouping)
  return (commit) => calls.add(commit, `${commit.targetId}/${commit.workerId}`)
}

/** A statement changes a row once: a late answer of a shard follows the cycle that is written for it. */
function roundsOf(commits: readonly Commit[]): Commit[][] {
  const rounds: Commit[][] = []
  const roundOfShard = new Map<string, number>()
  for (const commit of commits) {
    const shards = commit.leases.map(({ shard }) => `${commit.targetId}/${shard}`)
    const number = Math.max(0, ...shards.map((shard) => (roundOfShard.get(shard) ?? -1) + 1))
    for (const shard of shards) roundOfShard.set(shard, number)
    rounds[number] = [...(rounds[number] ?? []), commit]
  }
  return rounds
}

/** What a group cannot have written at once is written one by one. Where the line broke, nobody knows what was written. */
async function settleEach(pool: Pool, commits: readonly Commit[]): Promise<(Set<number> | Error)[]> {
  try {
    return await settle(pool, commits)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    if (commits.length === 1) return [error]
    const answers: (Set<number> | Error)[] = []
    for (const commit of commits) answers.push(...(await settleEach(pool, [commit])))
    return answers
  }
}

async function settle(pool: Pool, commits: readonly Commit[]): Promise<Set<number>[]> {
  const { rows } = await pool.query<{ place: number }>(statementOf(commits, commitValues(commits)))
  const held = new Set(rows.map(({ place }) => place))
  let place = 0
  return commits.map(({ leases }) => new Set(leases.flatMap(({ shard }) => (held.has(++place) ? [shard] : []))))
}

/** Only with the parts that have something to write. */
function statementOf(commits: readonly Commit[], values: unknown[]): QueryConfig {
  if (!commits.every(isOrdinary)) return { name: 'delivery-commit', text: commitText, values }
  const [batches] = values.slice(resultColumnsCount) as [unknown[]]
  return batches.length > 0
    ? { name: 'delivery-commit-batches', text: commitBatchesText, values: values.slice(0, batchedColumnsCount) }
    : { name: 'delivery-commit-results', text: commitResultsText, values: values.slice(0, resultColumnsCount) }
}
