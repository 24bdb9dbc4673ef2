import { type Row, sale } from '../row.ts'

/** Times and days. */
export const timeRows: readonly Row[] = [
  {
    row: 27,
    name: 'a day that does not exist',
    body: sale({ endDateTime: '2026-02-30T10:00:00Z' }),
    status: 202,
    code: 'invalid-timestamp',
    kept: 'quarantined',
  },
  {
    row: 27,
    name: 'an offset that does not exist',
    body: sale({ endDateTime: '2026-03-02T10:00:00+25:00' }),
    status: 202,
    code: 'invalid-timestamp',
    kept: 'quarantined',
  },
  {
    row: 27,
    name: 'a time without offset: the store decides',
    body: sale({ endDateTime: '2026-03-02T11:00:00' }),
    status: 201,
    kept: 'recorded',
  },
  {
    row: 28,
    name: 'a clock ten years ahead',
    body: sale({ endDateTime: '2036-03-02T11:00:00Z' }),
    status: 201,
    kept: 'recorded',
    finding: 'INV-10',
  },
  {
    row: 29,
    name: 'a business day long gone',
    body: sale({ businessDayDate: '2024-01-01', endDateTime: undefined }),
    status: 201,
    kept: 'recorded',
    finding: 'INV-10',
  },
]
