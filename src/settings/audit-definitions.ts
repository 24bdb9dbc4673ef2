import type { Definition } from './definition.ts'
import { dayMs } from './units.ts'

/** Seals over what was recorded. */
export const auditDefinitions = {
  auditSealEveryMs: {
    group: 'Audit',
    kind: 'integer',
    unit: 'ms',
    default: 60_000,
    minimum: 1_000,
    maximum: dayMs,
    description: 'Longest time that an event, a raw record or an act waits for its seal.',
  },
  auditSealEntriesMax: {
    group: 'Audit',
    kind: 'integer',
    unit: 'entries',
    default: 1_000,
    minimum: 10,
    maximum: 10_000,
    description:
      'Events (with their raw records), conflicts and acts in one checkpoint, of each so many; then it is made at once.',
  },
  auditCheckpointFile: {
    group: 'Audit',
    kind: 'string',
    default: '',
    description:
      'File outside the database to which every checkpoint is appended; best on another machine. Empty: audit-checkpoints.log in the data directory.',
  },
} as const satisfies Record<string, Definition>
