import type { Pool } from 'pg'
import type { EntryState } from './transition.ts'

/** What happened to one event at one target. */
export interface TargetJourney {
  target: string
  connector: string
  state: 'delivered' | 'skipped' | EntryState | 'not-reached'
  attempts: number
  reasonCode?: string
  reason?: string
  settledAt?: Date
  nextAttemptAt?: Date
  waitsFor?: string
  documents: { documentId: string; kind: string; amount?: string; tax?: string; currency?: string; postedAt?: Date }[]
  /** What a connector of several documents has had done; they are the documents in the end. */
  steps: { step: string; documentId: string; kind: string; recordedAt: Date }[]
  /** Replays that brought it back, with what the hub had of it until then. */
  replays: { replayId: string; mode: string; generation: number; at: Date; before: Record<string, unknown> }[]
  /** Attempts that did not simply succeed at once. */
  history: { attempt: number; outcome: string; reason?: string; durationMs: number; at: Date }[]
}

/** The journey of an event through every target. */
export async function readJourney(pool: Pool, eventId: string): Promise<TargetJourney[]> {
  const { rows } = await pool.query<{ journey: TargetJourney }>(
    `select json_strip_nulls(json_build_object(
        'target', t.name, 'connector', t.connector,
        'state', coalesce(r.result, e.state, 'not-reached'),
        'attempts', coalesce(r.attempts, e.attempts, 0),
        'reasonCode', e.reason_code, 'reason', coalesce(r.reason, e.reason),
        'settledAt', r.settled_at, 'nextAttemptAt', e.next_attempt_at, 'waitsFor', e.waits_for,
        'documents', coalesce((select json_agg(json_build_object('documentId', p.document_id, 'kind', p.kind, 'amount', trim_scale(p.amount)::text,
            'tax', trim_scale(p.tax)::text, 'currency', p.currency, 'postedAt', p.posted_at) order by p.document_id)
          from delivery_documents_of(t.target_id, $1) p), '[]'),
        'steps', coalesce((select json_agg(json_build_object('step', s.step, 'documentId', s.document_id, 'kind', s.kind,
            'recordedAt', s.recorded_at) order by s.recorded_at)
          from delivery_steps s where s.target_id = t.target_id and s.event_id = $1), '[]'),
        'replays', coalesce((select json_agg(json_build_object('replayId', p.replay_id, 'mode', p.mode, 'generation', i.generation,
            'at', i.released_at, 'before', i.before) order by i.released_at)
          from delivery_replay_items i join delivery_replays p using (replay_id)
          where i.event_id = $1 and i.state in ('released', 'done') and p.target_id = t.target_id), '[]'),
        'history', coalesce((select json_agg(json_build_object('attempt', a.attempt, 'outcome', a.outcome, 'reason', a.reason,
            'durationMs', a.duration_ms, 'at', a.at) order by a.at)
          from delivery_attempts a where a.target_id = t.target_id and a.event_id = $1), '[]')
      )) as journey
     from delivery_targets t
     left join lateral delivery_result_of(t.target_id, $1) r on true
     left join delivery_entries e on e.target_id = t.target_id and e.event_id = $1
     order by t.target_id`,
    [eventId],
  )
  return rows.map((row) => row.journey)
}
