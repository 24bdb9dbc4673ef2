import type { TargetDocument } from '../contract/connector.ts'
import type { JournalEvent } from '../journal/event.ts'
import type { Commit, Settlement } from './store.ts'
import { isSettled, type Transition } from './transition.ts'

type EntryTransition = Exclude<Transition, { state: 'delivered' | 'skipped' }>

/** The parameters of `commitText`, column by column. */
export function commitValues({ targetId, workerId, leases, cursors, settlements }: Commit): unknown[] {
  const ended = settlements.filter((one) => isSettled(one.transition))
  const leaving = ended.filter((one) => one.hadEntry)
  const open = settlements.filter((one) => !isSettled(one.transition))
  const further = ended.flatMap(furtherPostings)
  const tried = settlements.filter((one) => one.attempt && (one.transition.state !== 'delivered' || one.attempts > 1))
  const entryOf = (one: Settlement) => one.transition as EntryTransition
  return [
    targetId,
    workerId,
    leases.map((lease) => lease.shard),
    leases.map((lease) => lease.fence),
    leases.map((lease) => cursors.get(lease.shard)?.xid ?? null),
    leases.map((lease) => cursors.get(lease.shard)?.position ?? null),
    // results
    ended.map((one) => one.event.shard),
    ended.map((one) => one.event.eventId),
    ended.map((one) => one.transition.state),
    ended.map((one) => (one.transition.state === 'skipped' ? one.transition.reason : null)),
    ended.map((one) => one.attempts),
    ...documentColumns(ended.map((one) => documentsOf(one)[0])),
    // further postings
    further.map(({ event }) => event.shard),
    further.map(({ event }) => event.eventId),
    ...documentColumns(further.map(({ document }) => document)),
    // entries that end with these results
    leaving.map((one) => one.event.shard),
    leaving.map((one) => one.event.eventId),
    // entries
    open.map((one) => one.event.shard),
    open.map((one) => one.event.eventId),
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
    tried.map((one) => one.event.shard),
    tried.map((one) => one.event.eventId),
    tried.map((one) => one.attempts),
    tried.map((one) => one.attempt?.outcome),
    tried.map((one) => bounded(one.attempt?.reason ?? null)),
    tried.map((one) => Math.round(one.attempt?.durationMs ?? 0)),
  ]
}

function documentsOf({ transition }: Settlement): readonly TargetDocument[] {
  return transition.state === 'delivered' ? transition.documents : []
}

/** Every document but the first; one that a connector names twice is one document. */
function furtherPostings(settlement: Settlement): { event: JournalEvent; document: TargetDocument }[] {
  const [first, ...others] = documentsOf(settlement)
  return others
    .filter((document) => document.documentId !== first?.documentId || document.kind !== first.kind)
    .map((document) => ({ event: settlement.event, document }))
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
