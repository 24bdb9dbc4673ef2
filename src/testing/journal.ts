import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import type { Transaction } from '../domain/transaction/transaction.ts'

export interface TestEvent {
  eventId?: string
  orderingKey: string
  shard: number
  transaction: Transaction
  dependsOn?: readonly string[]
}

export interface TestState {
  eventType: string
  subject: string
  orderingKey: string
  shard: number
  state: Record<string, unknown>
}

/** Appends states, each in a commit of its own; returns their ids. */
export async function appendTestStates(pool: Pool, states: readonly TestState[]): Promise<string[]> {
  const ids: string[] = []
  for (const { eventType, subject, orderingKey, shard, state } of states) {
    const eventId = randomUUID()
    await pool.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, data) values ($1, $2, $3, $4, $5, $6)`,
      [eventId, shard, eventType, subject, orderingKey, JSON.stringify({ state })],
    )
    ids.push(eventId)
  }
  return ids
}

/** Appends recorded transactions, each in a commit of its own; returns their ids. */
export async function appendTestEvents(pool: Pool, events: readonly TestEvent[]): Promise<string[]> {
  const ids: string[] = []
  for (const { eventId = randomUUID(), orderingKey, shard, transaction, dependsOn } of events) {
    await pool.query(
      `insert into journal_events (event_id, shard, event_type, subject, ordering_key, depends_on, data)
       values ($1, $2, 'pos.transaction.recorded.v1', $3, $4, $5, $6)`,
      [
        eventId,
        shard,
        `till:${orderingKey}/${transaction.sequenceNumber}`,
        orderingKey,
        dependsOn ?? null,
        JSON.stringify({ transaction, findings: [] }),
      ],
    )
    ids.push(eventId)
  }
  return ids
}
