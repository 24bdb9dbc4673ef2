import type { Commit, Settlement } from './store.ts'
import { isSettled, type Transition } from './transition.ts'

type EntryTransition = Exclude<Transition, { state: 'delivered' | 'skipped' }>

/** The parameters of `commitText`, column by column. */
export function commitValues({ targetId, workerId, leases, cursors, settlements }: Commit): unknown[] {
  const ended = settlements.filter((one) => isSettled(one.transition))
  const leaving = ended.filter((one) => one.hadEntry)
  const open = settlements.filter((one) => !isSettled(one.transition))
  const postings = ended.flatMap((one) =>
    one.transition.state === 'delivered'
      ? one.transition.documents.map((document) => ({ event: one.event, document }))
      : [],
  )
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
    // postings
    postings.map(({ event }) => event.shard),
    postings.map(({ event }) => event.eventId),
    postings.map(({ document }) => document.documentId),
    postings.map(({ document }) => document.kind),
    postings.map(({ document }) => document.amount ?? null),
    postings.map(({ document }) => document.tax ?? null),
    postings.map(({ document }) => document.currency ?? null),
    postings.map(({ document }) => document.postedAt ?? null),
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
