import type { TargetDocument } from '../contract/connector.ts'
import { batchColumns, splitBatches } from './result-batches.ts'
import type { Commit, Settlement } from './store.ts'
import { isSettled, type Transition } from './transition.ts'

type EntryTransition = Exclude<Transition, { state: 'delivered' | 'skipped' }>

/** The first parameters, which are all of `commitResultsText`. */
export const resultColumnsCount = 17
/** And with these, all of `commitBatchesText`. */
export const batchedColumnsCount = resultColumnsCount + 9

/** A settlement, and the place of its shard among those of the statement. */
interface Placed extends Settlement {
  place: number
}

/** Every event has ended, and left no trace but its result. */
export function isOrdinary({ settlements }: Commit): boolean {
  return settlements.every(
    (one) => isSettled(one.transition) && !one.hadEntry && !wasTried(one) && furtherDocuments(one).length === 0,
  )
}

/** The parameters of `commitText`, column by column. */
export function commitValues(commits: readonly Commit[]): unknown[] {
  const leases = commits.flatMap(({ targetId, workerId, leases, cursors }) =>
    leases.map((lease) => ({ targetId, workerId, ...lease, cursor: cursors.get(lease.shard) })),
  )
  const placed = placeAll(commits)
  const settlements = placed.flat()
  const ended = settlements.filter((one) => isSettled(one.transition))
  const split = commits.map((commit, index) =>
    splitBatches(
      commit,
      (placed[index] ?? []).filter((one) => isSettled(one.transition)),
    ),
  )
  const single = split.flatMap((one) => one.single)
  const batches = split.flatMap((one) => one.batches)
  const leaving = ended.filter((one) => one.hadEntry)
  const open = settlements.filter((one) => !isSettled(one.transition))
  const further = ended.flatMap((one) => furtherDocuments(one).map((document) => ({ ...one, document })))
  const tried = settlements.filter(wasTried)
  const entryOf = (one: Settlement) => one.transition as EntryTransition
  return [
    leases.map((lease) => lease.targetId),
    leases.map((lease) => lease.workerId),
    leases.map((lease) => lease.shard),
    leases.map((lease) => lease.fence),
    leases.map((lease) => lease.cursor?.xid ?? null),
    leases.map((lease) => lease.cursor?.position ?? null),
    // results
    ...placeColumns(single),
    once(single.map((one) => one.transition.state)),
    once(single.map((one) => (one.transition.state === 'skipped' ? one.transition.reason : null))),
    once(single.map((one) => one.attempts)),
    ...firstDocumentColumns(single.map((one) => documentsOf(one)[0])),
    // results that share a row
    batches.map(([first]) => first.place),
    ...batchColumns(batches),
    // further postings
    ...placeColumns(further),
    ...documentColumns(further.map(({ document }) => document)),
    // entries that end with these results
    ...placeColumns(leaving),
    // entries
    ...placeColumns(open),
    open.map((one) => one.event.xid),
    open.map((one) => one.event.position),
    open.map((one) => one.event.orderingKey),
    open.map((one) => one.transition.state),
    open.map((one) => one.attempts),
    open.map((one) => read(entryOf(one), 'delayMs')),
    open.map((one) => read(entryOf(one), 'waitsFor')),
    open.map((one) => read(entryOf(one), 'deadlineMs')),
    open.map((one) => read(entryOf(one), 'reasonCode')),
    open.map((one) => bounded(read(entryOf(one), 'reason'))),
    // attempts
    ...placeColumns(tried),
    tried.map((one) => one.attempts),
    tried.map((one) => one.attempt?.outcome),
    tried.map((one) => bounded(one.attempt?.reason ?? null)),
    tried.map((one) => Math.round(one.attempt?.durationMs ?? 0)),
  ]
}

/** Settlements of shards that are not among the leases of their commit have no place, and nothing is written of them. */
function placeAll(commits: readonly Commit[]): Placed[][] {
  let before = 0
  return commits.map(({ leases, settlements }) => {
    const places = new Map(leases.map(({ shard }, index) => [shard, before + index + 1]))
    before += leases.length
    return settlements.map((one) => ({ ...one, place: places.get(one.event.shard) ?? 0 }))
  })
}

function placeColumns(settlements: readonly Placed[]): unknown[][] {
  return [settlements.map((one) => one.place), settlements.map((one) => one.event.eventId)]
}

/** What did not simply succeed at once is kept for the journey. */
function wasTried({ attempt, transition, attempts }: Settlement): boolean {
  return attempt !== undefined && (transition.state !== 'delivered' || attempts > 1)
}

function documentsOf({ transition }: Settlement): readonly TargetDocument[] {
  return transition.state === 'delivered' ? transition.documents : []
}

/** Every document but the first; one that a connector names twice is one document. */
function furtherDocuments(settlement: Settlement): TargetDocument[] {
  const [first, ...others] = documentsOf(settlement)
  return others.filter((document) => document.documentId !== first?.documentId || document.kind !== first.kind)
}

function firstDocumentColumns(documents: readonly (TargetDocument | undefined)[]): unknown[][] {
  const [ids = [], kinds = [], amounts = [], taxes = [], currencies = [], times = []] = documentColumns(documents)
  return [ids, once(kinds), amounts, once(taxes), once(currencies), times.every((time) => time === null) ? [] : times]
}

/** A column that is the same in all rows, as one value; see `sameOrEach`. */
function once(column: unknown[]): unknown[] {
  return column.length > 1 && column.every((value) => value === column[0]) ? column.slice(0, 1) : column
}

function documentColumns(documents: readonly (TargetDocument | undefined)[]): unknown[][] {
  return [
    documents.map((document) => document?.documentId ?? null),
    documents.map((document) => document?.kind ?? null),
    documents.map((document) => document?.amount ?? null),
    documents.map((document) => document?.tax ?? null),
    documents.map((document) => document?.currency ?? null),
    documents.map((document) => document?.postedAt ?? null),
  ]
}

function read(
  transition: EntryTransition,
  field: 'delayMs' | 'waitsFor' | 'deadlineMs' | 'reasonCode' | 'reason',
): unknown {
  return (transition as Partial<Record<typeof field, unknown>>)[field] ?? null
}

/** A target's words, for people: at most 1,000 characters, none that PostgreSQL refuses. */
function bounded(reason: unknown): string | null {
  return typeof reason === 'string' ? reason.replaceAll('\0', '').slice(0, 1_000) : null
}
