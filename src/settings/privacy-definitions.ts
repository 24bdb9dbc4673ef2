import type { Definition } from './definition.ts'

const days = { group: 'Privacy', kind: 'integer', unit: 'days', default: 0, minimum: 0, maximum: 36_500 } as const

/** How long which data is kept, and what outlives the database. */
export const privacyDefinitions = {
  tombstoneFile: {
    group: 'Privacy',
    kind: 'string',
    default: '',
    description:
      'File that names, without a name, who was erased, so that a restored database does not bring them back; empty: tombstones.ndjson in the data directory. Keep it apart from the backups of the database.',
  },
  personKeysCachedMs: {
    group: 'Privacy',
    kind: 'integer',
    unit: 'ms',
    default: 60_000,
    minimum: 1_000,
    maximum: 600_000,
    description:
      'So long a process trusts the key of a person that another one may have destroyed; an erasure waits as long before its last look. The same for all processes.',
  },
  retentionPersonalDays: {
    ...days,
    description: 'After so long a receipt keeps references instead of its persons. 0: until somebody asks.',
  },
  retentionRawDays: { ...days, description: 'After so long the raw bytes of receipts are emptied. 0: never.' },
  retentionQuarantineDays: {
    ...days,
    description: 'After so long the raw bytes of uploads in quarantine are emptied. 0: never.',
  },
  retentionConflictsDays: {
    ...days,
    description: 'After so long the raw bytes of contradicting uploads are emptied. 0: never.',
  },
  retentionFilesDays: {
    ...days,
    description:
      'So long after its end what is known of an uploaded file is deleted, with the list of its errors. 0: never.',
  },
  retentionAttemptsDays: {
    ...days,
    description: 'After so long attempts at targets are deleted, with what the targets said. 0: never.',
  },
  retentionPeopleDays: {
    ...days,
    default: 400,
    description:
      'After so long without a sign-in the hub forgets who somebody of the staff was, and keeps the id that acts name; the same of accounts of its own so long after they were disabled, and of codes of `tillflow break-glass`. 0: never.',
  },
} as const satisfies Record<string, Definition>
