/** One instrument: what `/metrics` shows, and what the reference says of it. */
export interface Instrument {
  name: string
  kind: 'counter' | 'histogram' | 'gauge'
  unit: string
  help: string
  labels: readonly string[]
}

/** Seconds; intake is milliseconds, delivery may take days. */
export const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3_600]

/** Every metric of the hub. Labels are few on purpose: stores and tills are looked up in the API, not in a time series. */
export const catalogue = {
  ingestRequests: {
    name: 'tillflow_ingest_requests',
    kind: 'counter',
    unit: '',
    help: 'Uploads answered, by source and outcome.',
    labels: ['source', 'code'],
  },
  ingestDuration: {
    name: 'tillflow_ingest_duration_seconds',
    kind: 'histogram',
    unit: 's',
    help: 'Time from reading an upload to its answer.',
    labels: ['source'],
  },
  ingestGroupSize: {
    name: 'tillflow_ingest_group_size',
    kind: 'histogram',
    unit: '',
    help: 'Uploads that shared one commit.',
    labels: [],
  },
  unknownValues: {
    name: 'tillflow_unknown_values',
    kind: 'counter',
    unit: '',
    help: 'Vendor values nobody knows; kept in extensions.',
    labels: ['source'],
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
    unit: 's',
    help: 'From the record of a receipt to the answer of its target.',
    labels: ['destination'],
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
    unit: 's',
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
  lanesWaiting: {
    name: 'tillflow_lanes_waiting',
    kind: 'gauge',
    unit: '',
    help: 'Events that wait for their original.',
    labels: ['destination'],
  },
  sequenceGapsOpen: {
    name: 'tillflow_sequence_gaps_open',
    kind: 'gauge',
    unit: '',
    help: 'Till numbers that are missing.',
    labels: [],
  },
  eventLoopLag: {
    name: 'tillflow_event_loop_lag_seconds',
    kind: 'gauge',
    unit: 's',
    help: 'Ninety-ninth percentile of the event loop delay since the last scrape.',
    labels: [],
  },
  processMemory: {
    name: 'tillflow_process_resident_memory_bytes',
    kind: 'gauge',
    unit: 'By',
    help: 'Resident memory of the process.',
    labels: [],
  },
  poolConnections: {
    name: 'tillflow_database_connections',
    kind: 'gauge',
    unit: '',
    help: 'Connections of the pool.',
    labels: ['state'],
  },
} as const satisfies Record<string, Instrument>

export type InstrumentName = keyof typeof catalogue

/** The name under which Prometheus sees an instrument: counters end in `_total`. */
export function exposedName({ name, kind }: Instrument): string {
  return kind === 'counter' ? `${name}_total` : name
}
