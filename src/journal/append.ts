/**
 * The only text that writes the journal: a data-modifying CTE for the statement of a stage, so that the event is part of
 * the very commit that records what happened. `source` is a relation with the columns event_id, event_type, subject,
 * ordering_key, shard, depends_on (text: uuids separated by commas, or null), data, traceparent and ordinality; events get
 * their positions in the order of ordinality.
 */
export function appendEvents(source: string): string {
  return `insert into journal_events (event_id, event_type, subject, ordering_key, shard, depends_on, data, traceparent, recorded_at)
    select event_id, event_type, subject, ordering_key, shard, string_to_array(depends_on, ',')::uuid[], data, traceparent, recorded_at
    from ${source} order by ordinality`
}

/** Wakes readers after a commit. Not inside the recording statement: NOTIFY takes a lock that serialises commits. */
export const journalChannel = 'tillflow_journal'
