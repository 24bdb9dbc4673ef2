/** One instrument: what `/metrics` shows, and what the reference says of it. */
interface InstrumentBase {
  /** As OpenTelemetry has it; see `exposedName` for what Prometheus sees. */
  name: string
  unit: '' | 'seconds' | 'bytes'
  help: string
  labels: readonly string[]
}

export type Instrument =
  | (InstrumentBase & {
      kind: 'counter'
      /** Counted whenever that instrument is counted with this value of a label, by its other labels. */
      partOf?: { instrument: string; label: string; value: string }
    })
  | (InstrumentBase & { kind: 'histogram'; buckets: readonly number[] })
  | (InstrumentBase & {
      kind: 'gauge'
      /** Every process of the hub has its own; the label `process` is added by whoever shows it. */
      perProcess?: true
    })

/** Intake is a matter of milliseconds, and of seconds under pressure. */
const intakeSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Delivery is a matter of milliseconds, of minutes in backoff, of days when a target is down. */
const deliverySeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400]

/** A clock that is a second ahead is a clock; a minute is a till that needs a look, a day puts receipts into wrong books. */
const clockAheadSeconds = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400]

/**
 * Every metric of the hub. Labels are few on purpose: stores and tills are looked up in the API, not in a time series. Those that
 * have series of their own all the same have a cap in the settings.
 */
export const catalogue = {
  ingestRequests: {
    name: 'tillflow_ingest_requests',
    kind: 'counter',
    unit: '',
    help: 'Uploads answered; code: recorded, duplicate, quarantined, conflict, noted, ignored, or the code of the problem.',
    labels: ['source', 'code'],
  },
  ingestDuration: {
    name: 'tillflow_ingest_duration_seconds',
    kind: 'histogram',
    unit: 'seconds',
    help: 'Time from reading an upload to its answer.',
    labels: ['source'],
    buckets: intakeSeconds,
  },
  ingestGroupSize: {
    name: 'tillflow_ingest_group_size',
    kind: 'histogram',
    unit: '',
    help: 'Uploads that shared one commit.',
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048],
  },
  duplicates: {
    name: 'tillflow_duplicates',
    kind: 'counter',
    unit: '',
    help: 'Uploads that were seen before; a jump is a till that sends everything again.',
    labels: ['source'],
    partOf: { instrument: 'ingestRequests', label: 'code', value: 'duplicate' },
  },
  conflicts: {
    name: 'tillflow_conflicts',
    kind: 'counter',
    unit: '',
    help: 'Uploads with the identity of another receipt and other content; both are kept.',
    labels: ['source'],
    partOf: { instrument: 'ingestRequests', label: 'code', value: 'conflict' },
  },
  quarantined: {
    name: 'tillflow_quarantined',
    kind: 'counter',
    unit: '',
    help: 'Uploads that were kept but are no transaction.',
    labels: ['source'],
    partOf: { instrument: 'ingestRequests', label: 'code', value: 'quarantined' },
  },
  unknownValues: {
    name: 'tillflow_unknown_values',
    kind: 'counter',
    unit: '',
    help: 'Vendor values nobody knows; kept in extensions.',
    labels: ['source'],
  },
  clockAhead: {
    name: 'tillflow_till_clock_ahead_seconds',
    kind: 'histogram',
    unit: 'seconds',
    help: 'How far the clock of a till is ahead of the hub, for receipts that end in the future. A clock that is behind cannot be told from a receipt that came late.',
    labels: ['source'],
    buckets: clockAheadSeconds,
  },
  quarantineOpen: {
    name: 'tillflow_quarantine_open',
    kind: 'gauge',
    unit: '',
    help: 'Uploads in quarantine that nobody has settled.',
    labels: [],
  },
  conflictsOpen: {
    name: 'tillflow_conflicts_open',
    kind: 'gauge',
    unit: '',
    help: 'Conflicts that nobody has settled.',
    labels: [],
  },
  deliveryAttempts: {
    name: 'tillflow_delivery_attempts',
    kind: 'counter',
    unit: '',
    help: 'Attempts at targets, by outcome.',
    labels: ['destination', 'outcome'],
  },
  deliverySettled: {
    name: 'tillflow_delivery_settled',
    kind: 'counter',
    unit: '',
    help: 'Events that reached a state at a target.',
    labels: ['destination', 'state'],
  },
  endToEnd: {
    name: 'tillflow_end_to_end_seconds',
    kind: 'histogram',
    unit: 'seconds',
    help: 'From the record of a receipt to the answer of its target.',
    labels: ['destination'],
    buckets: deliverySeconds,
  },
  outboxPending: {
    name: 'tillflow_outbox_pending',
    kind: 'gauge',
    unit: '',
    help: 'Events on their way to a target.',
    labels: ['destination'],
  },
  outboxOldestAge: {
    name: 'tillflow_outbox_oldest_age_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest event that a target has not been reached with.',
    labels: ['destination'],
  },
  lanesParked: {
    name: 'tillflow_lanes_parked',
    kind: 'gauge',
    unit: '',
    help: 'Events that wait for a person.',
    labels: ['destination'],
  },
  parkedEvents: {
    name: 'tillflow_parked_events',
    kind: 'gauge',
    unit: '',
    help: 'Events that wait for a person, by reason; a reason that was never there before is worth a look.',
    labels: ['destination', 'reason'],
  },
  parkedOldestAge: {
    name: 'tillflow_parked_oldest_age_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'How long the oldest of these events has waited.',
    labels: ['destination', 'reason'],
  },
  lanesWaiting: {
    name: 'tillflow_lanes_waiting',
    kind: 'gauge',
    unit: '',
    help: 'Events that wait for their original.',
    labels: ['destination'],
  },
  relayPublished: {
    name: 'tillflow_relay_published',
    kind: 'counter',
    unit: '',
    help: 'Events that the bus has confirmed.',
    labels: ['bus'],
  },
  relayFailures: {
    name: 'tillflow_relay_failures',
    kind: 'counter',
    unit: '',
    help: 'Times the relay could not go on: the bus did not confirm, or the database was away.',
    labels: ['bus'],
  },
  relayPending: {
    name: 'tillflow_relay_pending',
    kind: 'gauge',
    unit: '',
    help: 'Events that the bus has not confirmed yet; counted up to a million.',
    labels: ['bus'],
  },
  relayOldestAge: {
    name: 'tillflow_relay_oldest_age_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest event that the bus has not confirmed; 0: there is none. Worth an alarm from five minutes on.',
    labels: ['bus'],
  },
  targetsPaused: {
    name: 'tillflow_target_paused',
    kind: 'gauge',
    unit: '',
    help: 'Whether nothing is sent to a target; reason: gone (it answered 410) or operator. Worth an alarm.',
    labels: ['destination', 'reason'],
  },
  targetDown: {
    name: 'tillflow_target_down',
    kind: 'gauge',
    unit: '',
    help: 'Whether a process takes a target for down: several lanes failed one after another, and only probes are sent.',
    labels: ['process', 'destination'],
    perProcess: true,
  },
  circuitState: {
    name: 'tillflow_circuit_state',
    kind: 'gauge',
    unit: '',
    help: 'Breaker of a target, for all workers: 0 closed, 1 half-open (a probe is on its way), 2 open (it seems down).',
    labels: ['destination'],
  },
  targetHeld: {
    name: 'tillflow_target_held_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'For how long a target has asked for rest, from now; 0: it takes requests.',
    labels: ['destination'],
  },
  rateWait: {
    name: 'tillflow_rate_wait_seconds',
    kind: 'histogram',
    unit: 'seconds',
    help: 'How long attempts waited for their turn in the rate budget of their target; those that did not wait are not counted.',
    labels: ['destination'],
    buckets: intakeSeconds,
  },
  replayPlanned: {
    name: 'tillflow_replay_planned',
    kind: 'gauge',
    unit: '',
    help: 'Receipts of the replay under way at a target, running or paused, that were not let go yet; 0: there is none.',
    labels: ['destination'],
  },
  replayOpen: {
    name: 'tillflow_replay_open',
    kind: 'gauge',
    unit: '',
    help: 'Receipts of that replay that were let go and have no end yet.',
    labels: ['destination'],
  },
  replayReleased: {
    name: 'tillflow_replay_released',
    kind: 'counter',
    unit: '',
    help: 'Receipts that replays let go into their lanes.',
    labels: ['destination'],
  },
  replaySettled: {
    name: 'tillflow_replay_settled',
    kind: 'counter',
    unit: '',
    help: 'Receipts of replays that came to their end; outcome: delivered, skipped, parked, needs-check or waiting.',
    labels: ['destination', 'outcome'],
  },
  shadowCompared: {
    name: 'tillflow_shadow_compared',
    kind: 'counter',
    unit: '',
    help: 'Events that a shadow translated as well; result: same, different, failed, or dropped (not compared, delivery was faster).',
    labels: ['destination', 'shadow', 'result'],
  },
  canaryAttempts: {
    name: 'tillflow_canary_attempts',
    kind: 'counter',
    unit: '',
    help: 'Attempts that went through the canary of a target, by outcome.',
    labels: ['destination', 'outcome'],
  },
  sequenceGapsOpen: {
    name: 'tillflow_sequence_gaps_open',
    kind: 'gauge',
    unit: '',
    help: 'Till numbers that are missing.',
    labels: [],
  },
  sequenceGapOldestAge: {
    name: 'tillflow_sequence_gap_oldest_age_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'How long the oldest missing till number has been missing; 0: none is.',
    labels: [],
  },
  storeLag: {
    name: 'tillflow_store_lag_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'Time since the last numbered receipt of a store was recorded; at most `metricsStoresMax` stores, the silent ones first.',
    labels: ['store'],
  },
  registerLastSeen: {
    name: 'tillflow_register_last_seen_timestamp_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'When the last numbered receipt of a workstation was recorded; at most `metricsWorkstationsMax` of them, the silent ones first.',
    labels: ['store', 'register'],
  },
  telemetryDropped: {
    name: 'tillflow_telemetry_dropped',
    kind: 'counter',
    unit: '',
    help: 'Spans and reports of metrics that did not reach the collector; reason: queue-full or export-failed.',
    labels: ['signal', 'reason'],
  },
  auditUnsealed: {
    name: 'tillflow_audit_unsealed_entries',
    kind: 'gauge',
    unit: '',
    help: 'Events, conflicts and acts behind the last checkpoint; at most 100,000 of each are counted.',
    labels: [],
  },
  auditLastSealedAge: {
    name: 'tillflow_audit_last_sealed_age_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'Age of the last checkpoint; 0 while everything is sealed.',
    labels: [],
  },
  auditSealFailures: {
    name: 'tillflow_audit_seal_failures',
    kind: 'counter',
    unit: '',
    help: 'Checkpoints that could not be made or taken to their file; code: that of the problem, or internal-error.',
    labels: ['code'],
  },
  signIns: {
    name: 'tillflow_sign_ins',
    kind: 'counter',
    unit: '',
    help: 'Sign-ins of people that came to an end; outcome: signed-in, or the code of the problem.',
    labels: ['outcome'],
  },
  breakGlassSessions: {
    name: 'tillflow_break_glass_sessions',
    kind: 'counter',
    unit: '',
    help: 'Sessions of administrators by a one-time code of the command line; any is worth an alert.',
    labels: [],
  },
  eventLoopLag: {
    name: 'tillflow_event_loop_lag_seconds',
    kind: 'gauge',
    unit: 'seconds',
    help: 'Ninety-ninth percentile of the event loop delay since somebody last looked.',
    labels: ['process'],
    perProcess: true,
  },
  processMemory: {
    name: 'tillflow_process_resident_memory_bytes',
    kind: 'gauge',
    unit: 'bytes',
    help: 'Resident memory of a process.',
    labels: ['process'],
    perProcess: true,
  },
  processHeap: {
    name: 'tillflow_process_heap_used_bytes',
    kind: 'gauge',
    unit: 'bytes',
    help: 'Used part of the JavaScript heap of a process.',
    labels: ['process'],
    perProcess: true,
  },
  poolConnections: {
    name: 'tillflow_database_connections',
    kind: 'gauge',
    unit: '',
    help: 'Connections of the pool; state: in use, idle, or waited for by a query.',
    labels: ['process', 'state'],
    perProcess: true,
  },
} as const satisfies Record<string, Instrument>

export type InstrumentName = keyof typeof catalogue

/** The name under which Prometheus sees an instrument: counters end in `_total`. */
export function exposedName({ name, kind }: Instrument): string {
  return kind === 'counter' ? `${name}_total` : name
}
