import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import { eventTypes, type JournalPosition } from '../event.ts'
import type { Leadership } from './store.ts'

interface LeadRow {
  fence: string
  xid: string
  position: string
}

interface RelayPart {
  relay: string
  owner: string
  /** The addresses of the broker; undefined where it does not matter. One in common makes it the same broker. */
  brokers: readonly string[] | undefined
}

/** Undefined while another process has the lead. Throws `settings-invalid` where the cursor is of another broker. */
export async function leadRelay(
  pool: Pool,
  { relay, owner, leaseMs, brokers }: RelayPart & { leaseMs: number },
): Promise<Leadership | undefined> {
  await pool.query('insert into relays (relay) values ($1) on conflict do nothing', [relay])
  const { rows } = await pool.query<LeadRow>(
    `update relays set fence = fence + (owner is distinct from $2)::int, owner = $2,
       lease_until = clock_timestamp() + $3 * interval '1 millisecond'
     where relay = $1 and (brokers is null or $4::text[] is null or brokers && $4) and (owner is null or owner = $2 or lease_until < clock_timestamp())
     returning fence, cursor_xid as xid, cursor_position as position`,
    [relay, owner, leaseMs, brokers],
  )
  const [row] = rows
  if (!row && brokers) await refuseOtherBrokers(pool, relay, brokers)
  return row && { fence: row.fence, cursor: { xid: row.xid, position: row.position } }
}

/** Its events before the cursor are at a broker that we do not publish to: to go on there would leave them out. */
async function refuseOtherBrokers(pool: Pool, relay: string, brokers: readonly string[]): Promise<void> {
  const { rows } = await pool.query<{ brokers: string[] }>(
    'select brokers from relays where relay = $1 and not brokers && $2::text[]',
    [relay, brokers],
  )
  const [row] = rows
  if (!row) return
  throw new Problem(
    'settings-invalid',
    `busUrl: the relay ${relay} has published to ${row.brokers.join(', ')} and not to ${brokers.join(', ')}. Say whether it is the same broker: docs/how-to/publish-to-a-bus.md`,
  )
}

export async function advanceRelay(
  pool: Pool,
  { relay, owner, fence, to, brokers }: RelayPart & { fence: string; to: JournalPosition },
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'relay-advance',
    text: `update relays set cursor_xid = $4::text::xid8, cursor_position = $5, published_at = clock_timestamp(),
        brokers = coalesce($6::text[], brokers)
      where relay = $1 and owner = $2 and fence = $3`,
    values: [relay, owner, fence, to.xid, to.position, brokers],
  })
  return rowCount === 1
}

export async function resignRelay(pool: Pool, { relay, owner }: { relay: string; owner: string }): Promise<void> {
  await pool.query('update relays set owner = null, lease_until = null where relay = $1 and owner = $2', [relay, owner])
}

export interface RelayStatus {
  relay: string
  /** Whether a process has the lead now. */
  isLed: boolean
  /** Events that are not confirmed yet; `lagEventsMax` where there are at least so many. */
  lagEvents: number
  /** When the oldest of them was recorded. */
  oldestPendingAt: Date | undefined
  /** When the broker confirmed the last one. */
  publishedAt: Date | undefined
}

/** Counting further would cost more than anybody learns from it. */
export const lagEventsMax = 1_000_000

/** Receipts that the broker has confirmed to a relay. */
export async function countRelayedReceipts(pool: Pool, relay: string): Promise<number> {
  const { rows } = await pool.query<{ receipts: number }>(
    `select count(*)::int as receipts from relays r
       join journal_events e on (e.xid, e.position) <= (r.cursor_xid, r.cursor_position)
     where r.relay = $1 and e.event_type = $2`,
    [relay, eventTypes.recorded],
  )
  return rows[0]?.receipts ?? 0
}

/** How far every relay is that this installation ever had. */
export async function readRelayStatus(pool: Pool): Promise<RelayStatus[]> {
  const { rows } = await pool.query<{
    relay: string
    is_led: boolean
    lag_events: number
    oldest_pending_at: Date | null
    published_at: Date | null
  }>(
    `select r.relay, coalesce(r.lease_until > clock_timestamp(), false) as is_led, r.published_at,
       (select count(*)::int from (
         select from journal_events e where (e.xid, e.position) > (r.cursor_xid, r.cursor_position) limit $1
       ) pending) as lag_events,
       (select recorded_at from journal_events e where (e.xid, e.position) > (r.cursor_xid, r.cursor_position)
         order by e.xid, e.position limit 1) as oldest_pending_at
     from relays r order by r.relay`,
    [lagEventsMax],
  )
  return rows.map((row) => ({
    relay: row.relay,
    isLed: row.is_led,
    lagEvents: row.lag_events,
    oldestPendingAt: row.oldest_pending_at ?? undefined,
    publishedAt: row.published_at ?? undefined,
  }))
}
