import { type Row, sale, withLine } from '../row.ts'

/** Words, identifiers and texts that mean more elsewhere than here; numbers with a gap before them. */
export const codesRows: readonly Row[] = [
  {
    row: 24,
    name: 'a word that no list knows',
    body: withLine({ itemType: 'HOVERCRAFT' }),
    status: 201,
    kept: 'recorded',
  },
  {
    row: 34,
    name: 'a store code that is not plain',
    body: sale({ businessUnitId: 'Ѕtore' }),
    status: 202,
    code: 'invalid-identifier',
    kept: 'quarantined',
  },
  {
    row: 35,
    name: 'an id with a composed letter',
    body: sale({ workstationId: 'Kass\u00e9' }),
    status: 202,
    code: 'invalid-identifier',
    kept: 'quarantined',
  },
  {
    row: 35,
    name: 'the same id with its letter taken apart',
    body: sale({ workstationId: 'Kasse\u0301' }),
    status: 202,
    code: 'invalid-identifier',
    kept: 'quarantined',
  },
  { row: 36, name: 'a formula in a text', body: withLine({ description: '=cmd|calc' }), status: 201, kept: 'recorded' },
  {
    row: 37,
    name: 'a script in a text',
    body: withLine({ description: '<script>alert(1)</script>' }),
    status: 201,
    kept: 'recorded',
  },
  {
    row: 38,
    name: 'an end of line in a text',
    body: withLine({ description: 'Tea\r\nx-injected: 1' }),
    status: 201,
    kept: 'recorded',
  },
  {
    row: 38,
    name: 'an end of line in an id, which goes into keys and headers',
    body: sale({ workstationId: '1\r\nx-injected: 1' }),
    status: 202,
    code: 'invalid-identifier',
    kept: 'quarantined',
  },
  {
    row: 88,
    name: 'a number after one that is missing',
    body: sale({ sequenceNumber: 9_000_042 }),
    status: 201,
    kept: 'recorded',
  },
]
