import type { Pool } from 'pg'
import { readLastOfShards, readUnreadEventsAfter } from '../queries.ts'
import { advanceRelay, leadRelay, resignRelay } from './queries.ts'
import type { RelayStore } from './store.ts'

/**
 * The cursor of a relay in the hub's database. Reads hold no transaction open, so that a slow broker holds nobody back. With the
 * addresses of its broker, the lead of a cursor that another broker has confirmed is refused: `settings-invalid`.
 */
export function createPostgresRelayStore(pool: Pool, relay: string, brokers?: readonly string[]): RelayStore {
  return {
    lead: (owner, leaseMs) => leadRelay(pool, { relay, owner, leaseMs, brokers }),
    read: (after, limit) => readUnreadEventsAfter(pool, after, limit),
    lastOfShards: (until) => readLastOfShards(pool, until),
    advance: (owner, fence, to) => advanceRelay(pool, { relay, owner, fence, to, brokers }),
    resign: (owner) => resignRelay(pool, { relay, owner }),
  }
}
