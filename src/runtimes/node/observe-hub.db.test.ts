import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMetrics } from '../../observability/metrics.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import type { TestDatabase } from '../../testing/database/test-server.ts'
import { observeHub } from './observe-hub.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
  await database.pool.query(`
    insert into delivery_targets (name, connector) values ('erp', 'reference-erp'), ('crm', 'webhook');
    insert into delivery_entries (target_id, event_id, shard, xid, position, ordering_key, state, reason_code, fence, updated_at)
    select t.target_id, gen_random_uuid(), 1, '1', 1, '9/3', e.state, e.reason_code, 1, clock_timestamp() - e.age
    from delivery_targets t, (values ('parked', 'rejected', interval '2 hours'), ('parked', 'rejected', interval '1 hour'),
      ('needs-check', 'outcome-unknown', interval '5 minutes'), ('retry', null, interval '3 hours')) as e (state, reason_code, age)
    where t.name = 'erp';
    insert into till_series (series_key, business_unit_id, workstation_id, series, seen, updated_at)
    select store || '/' || till || '/-', store, till, '-', '{[1,10)}', clock_timestamp() - age
    from (values ('1', '1', interval '10 minutes'), ('1', '2', interval '4 hours'), ('2', '1', interval '1 hour'),
      ('3', '1', interval '1 minute')) as s (store, till, age);
    insert into gaps (series_key, first_number, last_number, found_at, state) values
      ('1/1/-', 3, 4, clock_timestamp() - interval '30 minutes', 'open'), ('2/1/-', 7, 7, clock_timestamp() - interval '1 minute', 'open'),
      ('3/1/-', 7, 7, clock_timestamp() - interval '9 hours', 'filled');
    insert into quarantine (quarantine_id, source, fingerprint, problem, detail, sender_id, received_at, state)
    select gen_random_uuid(), 'poslog', n::text::bytea, 'unreadable-content', '', 'till', now(), case n when 1 then 'resolved' else 'open' end
    from generate_series(1, 4) as n`)
})
afterAll(() => database.drop())

async function shown(caps: { metricsStoresMax: number; metricsWorkstationsMax: number }) {
  const errors: unknown[] = []
  const metrics = createMetrics({ onError: (error) => errors.push(error) })
  observeHub(metrics, database.pool, caps)
  const text = await metrics.render()
  expect(errors).toEqual([])
  return (name: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`tillflow_${name}{`) || line.startsWith(`tillflow_${name} `))
      .map((line) => [line.slice(name.length + 9, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))])
}
const about = (seconds: number) => expect.closeTo(seconds, -2)

describe('what the hub shows of its database', () => {
  it('is what waits for a person, by target and reason, and since when', async () => {
    const of = await shown({ metricsStoresMax: 100, metricsWorkstationsMax: 0 })
    expect(of('parked_events')).toEqual([
      ['{destination="erp",reason="outcome-unknown"}', 1],
      ['{destination="erp",reason="rejected"}', 2],
    ])
    expect(of('parked_oldest_age_seconds')).toEqual([
      ['{destination="erp",reason="outcome-unknown"}', about(300)],
      ['{destination="erp",reason="rejected"}', about(7_200)],
    ])
    expect(of('quarantine_open')).toEqual([['', 3]])
    expect(of('conflicts_open')).toEqual([['', 0]])
    expect(of('outbox_pending')).toEqual([
      ['{destination="erp"}', 1],
      ['{destination="crm"}', 0],
    ])
  })

  it('is how many numbers are missing, and for how long', async () => {
    const of = await shown({ metricsStoresMax: 100, metricsWorkstationsMax: 0 })
    expect(of('sequence_gaps_open')).toEqual([['', 3]])
    expect(of('sequence_gap_oldest_age_seconds')).toEqual([['', about(1_800)]])
  })

  it('is the silence of stores and workstations, the most silent first, no more than may have series', async () => {
    const all = await shown({ metricsStoresMax: 100, metricsWorkstationsMax: 2 })
    // A store is as silent as the last of its workstations that spoke.
    expect(all('store_lag_seconds')).toEqual([
      ['{store="2"}', about(3_600)],
      ['{store="1"}', about(600)],
      ['{store="3"}', about(60)],
    ])
    expect(all('register_last_seen_timestamp_seconds').map(([labels]) => labels)).toEqual([
      '{store="1",register="2"}',
      '{store="2",register="1"}',
    ])
    const capped = await shown({ metricsStoresMax: 1, metricsWorkstationsMax: 0 })
    expect(capped('store_lag_seconds').map(([labels]) => labels)).toEqual(['{store="2"}'])
    expect(capped('register_last_seen_timestamp_seconds')).toEqual([])
  })
})
