import type { Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { withTransaction } from '../database/pool.ts'
import { findReceiptsAmong, type ReceiptFilter } from '../journal/find.ts'
import { readSubjects } from '../journal/queries.ts'
import { fingerprintOf, normaliseReason } from './fingerprint.ts'
import { retryParked } from './parked.ts'
import { wakeDelivery } from './pause.ts'
import { parkedPageText } from './queries.ts'
import { readTargets } from './targets.ts'

/** Parked events of one target with, as far as words tell, one cause. */
export interface FingerprintGroup {
  fingerprint: string
  target: string
  reasonCode: string
  /** The words of the target without what differs. */
  pattern: string
  count: number
  /** Among them: the target may have the event already. */
  needsCheck: number
  firstAt: Date
  lastAt: Date
  /** A few of them, as `tillflow show` takes them, and the words of the first. */
  examples: string[]
  exampleReason: string
}

const examplesMax = 3
/** Groups that are told; a target that invents a new word for every event would fill the memory. */
export const groupsMax = 1_000
const pageSize = 5_000
const beforeAll = '00000000-0000-0000-0000-000000000000'

interface ParkedRow {
  event_id: string
  ordering_key: string
  state: 'parked' | 'needs-check'
  reason_code: string | null
  reason: string | null
  updated_at: Date
}

interface ParkedOne extends ParkedRow {
  target: string
  fingerprint: string
}

/** Parked events page by page, each with its fingerprint; `stores` undefined: of every store. */
async function* readParkedPages(
  pool: Pool,
  targetName: string | undefined,
  stores: readonly string[] | undefined,
): AsyncIterable<ParkedOne[]> {
  const known = stores && new Set(stores)
  const isOfThem = ({ ordering_key }: ParkedRow) => known?.has(ordering_key.split('/', 1)[0] ?? '') ?? true
  const targets = await readTargets(pool)
  for (const { targetId, name } of targets.filter((one) => targetName === undefined || one.name === targetName)) {
    for (let after = beforeAll; ; ) {
      const { rows } = await pool.query<ParkedRow>(parkedPageText, [targetId, after, pageSize])
      yield rows.filter(isOfThem).map((row) => ({ ...row, target: name, fingerprint: fingerprintOfRow(name, row) }))
      const last = rows.at(-1)
      if (!last || rows.length < pageSize) break
      after = last.event_id
    }
  }
}

function fingerprintOfRow(target: string, row: Pick<ParkedRow, 'reason_code' | 'state' | 'reason'>): string {
  return fingerprintOf({ target, reasonCode: row.reason_code ?? row.state, reason: row.reason ?? '' })
}

/** What a person must decide, by cause, the largest group first; `stores` undefined: of every store. */
export async function readFingerprintGroups(
  pool: Pool,
  targetName?: string,
  stores?: readonly string[],
): Promise<FingerprintGroup[]> {
  const groups = new Map<string, FingerprintGroup>()
  for await (const page of readParkedPages(pool, targetName, stores)) {
    for (const one of page) addTo(groups, one)
  }
  const found = [...groups.values()].sort((a, b) => b.count - a.count || a.fingerprint.localeCompare(b.fingerprint))
  const subjects = await readSubjects(
    pool,
    found.flatMap((group) => group.examples),
  )
  return found.map((group) => ({ ...group, examples: group.examples.map((id) => subjects.get(id) ?? id) }))
}

function addTo(groups: Map<string, FingerprintGroup>, one: ParkedOne): void {
  const at = one.updated_at
  const group = groups.get(one.fingerprint)
  if (!group) {
    if (groups.size >= groupsMax) return
    groups.set(one.fingerprint, {
      fingerprint: one.fingerprint,
      target: one.target,
      reasonCode: one.reason_code ?? one.state,
      pattern: normaliseReason(one.reason ?? ''),
      count: 1,
      needsCheck: one.state === 'needs-check' ? 1 : 0,
      firstAt: at,
      lastAt: at,
      examples: [one.event_id],
      exampleReason: one.reason ?? '',
    })
    return
  }
  group.count += 1
  if (one.state === 'needs-check') group.needsCheck += 1
  if (at < group.firstAt) group.firstAt = at
  if (at > group.lastAt) group.lastAt = at
  if (group.examples.length < examplesMax) group.examples.push(one.event_id)
}

export interface BulkRetry {
  target?: string
  fingerprint?: string
  /** Only these events. */
  eventIds?: readonly string[]
  /** Only receipts of this store, day, type. */
  filter?: ReceiptFilter
  /** Only receipts of stores that the actor looks after; undefined: of every store. */
  stores?: readonly string[]
  /** As for `retryParked`: the target may have these already. */
  includeNeedsCheck: boolean
  /** Who and why, for the log of acts. */
  actor: string
  reason?: string
}

/**
 * Puts parked events of one cause, store or day back into their lanes, page by page: each page in one commit with the record of who
 * did it, so that none goes without. Returns how many.
 */
export async function retryGroup(pool: Pool, request: BulkRetry): Promise<number> {
  const { target, fingerprint, filter = {} } = request
  const named = request.eventIds && new Set(request.eventIds.map((id) => id.toLowerCase()))
  let retried = 0
  for await (const page of readParkedPages(pool, target, request.stores)) {
    const ofGroup = page.filter(
      (one) => (fingerprint === undefined || one.fingerprint === fingerprint) && (!named || named.has(one.event_id)),
    )
    const matching = await findReceiptsAmong(
      pool,
      filter,
      ofGroup.map((one) => one.event_id),
    )
    const [first] = ofGroup
    if (!first || matching.length === 0) continue
    const eventIds = matching.map((one) => one.eventId)
    retried += await retryPage(pool, first.target, eventIds, request)
  }
  return retried
}

async function retryPage(pool: Pool, target: string, eventIds: string[], request: BulkRetry): Promise<number> {
  const { fingerprint, filter, includeNeedsCheck, actor, reason } = request
  return withTransaction(pool, async (client) => {
    const retried = await retryParked(client, { target, eventIds, includeNeedsCheck })
    const details = {
      retried,
      ...(fingerprint !== undefined && { fingerprint }),
      ...(request.eventIds && { events: request.eventIds.length }),
      ...filter,
      includeNeedsCheck,
    }
    await recordAct(client, {
      ...{ actor, act: 'parked.retry', object: `target:${target}` },
      ...(reason !== undefined && { reason }),
      before: { states: includeNeedsCheck ? ['parked', 'needs-check'] : ['parked'] },
      after: { states: ['queued'] },
      details,
    })
    await wakeDelivery(client)
    return retried
  })
}
