import type { ClientBase, Pool } from 'pg'

type Queryable = Pool | ClientBase

export interface SeriesNumbers {
  seriesKey: string
  businessUnitId: string
  workstationId: string
  series: string
  businessDayDate: string | null
  numbers: number[]
}

/** Adds numbers to the series; returns the keys of the series that changed. */
export async function addNumbers(db: Queryable, series: readonly SeriesNumbers[]): Promise<void> {
  await db.query(
    `insert into till_series (series_key, business_unit_id, workstation_id, series, business_day_date, seen, updated_at)
     select s.series_key, s.business_unit_id, s.workstation_id, s.series, s.business_day_date,
       (select range_agg(int8range(n, n, '[]')) from unnest(s.numbers::bigint[]) as n), clock_timestamp()
     from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::text[])
       as s (series_key, business_unit_id, workstation_id, series, business_day_date, numbers)
     order by s.series_key
     on conflict (series_key) do update set seen = till_series.seen + excluded.seen, updated_at = excluded.updated_at`,
    [
      series.map((one) => one.seriesKey),
      series.map((one) => one.businessUnitId),
      series.map((one) => one.workstationId),
      series.map((one) => one.series),
      series.map((one) => one.businessDayDate),
      series.map((one) => `{${one.numbers.join(',')}}`),
    ],
  )
}

/** Opens, narrows and closes the gaps of these series, so that the open ones are exactly what is missing now. */
export async function settleGaps(db: Queryable, seriesKeys: readonly string[]): Promise<void> {
  await db.query(
    `with missing as (
       select series_key, lower(hole) as first_number, upper(hole) - 1 as last_number
       from till_series, unnest(int8multirange(range_merge(seen)) - seen) as hole
       where series_key = any($1::text[])
     ), closed as (
       update gaps g set state = 'filled', closed_at = clock_timestamp()
       where g.series_key = any($1::text[]) and g.state = 'open'
         and not exists (select from missing m
           where m.series_key = g.series_key and m.first_number = g.first_number and m.last_number = g.last_number)
       returning g.series_key, g.first_number, g.last_number, g.found_at
     )
     insert into gaps (series_key, first_number, last_number, found_at)
     select m.series_key, m.first_number, m.last_number,
       coalesce((select min(c.found_at) from closed c where c.series_key = m.series_key
         and int8range(c.first_number, c.last_number, '[]') && int8range(m.first_number, m.last_number, '[]')), clock_timestamp())
     from missing m
     where not exists (select from gaps g where g.series_key = m.series_key and g.state = 'open'
       and g.first_number = m.first_number and g.last_number = m.last_number)`,
    [seriesKeys],
  )
}

export interface Gap {
  businessUnitId: string
  workstationId: string
  series: string
  businessDayDate: string | null
  firstNumber: string
  lastNumber: string
  foundAt: Date
}

/** The missing numbers of all tills, oldest first. */
export async function readOpenGaps(db: Queryable, limit = 1_000): Promise<Gap[]> {
  const { rows } = await db.query<{
    business_unit_id: string
    workstation_id: string
    series: string
    business_day_date: string | null
    first_number: string
    last_number: string
    found_at: Date
  }>(
    `select s.business_unit_id, s.workstation_id, s.series, s.business_day_date::text, g.first_number, g.last_number, g.found_at
     from gaps g join till_series s using (series_key) where g.state = 'open' order by g.found_at, g.gap_id limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    businessUnitId: row.business_unit_id,
    workstationId: row.workstation_id,
    series: row.series,
    businessDayDate: row.business_day_date,
    firstNumber: row.first_number,
    lastNumber: row.last_number,
    foundAt: row.found_at,
  }))
}

/** Since when the oldest missing number has been missing; undefined when none is. */
export async function oldestGapSince(db: Queryable): Promise<Date | undefined> {
  const { rows } = await db.query<{ since: Date | null }>(
    `select min(found_at) as since from gaps where state = 'open'`,
  )
  return rows[0]?.since ?? undefined
}

export interface LastSeen {
  businessUnitId: string
  /** Undefined: the store as a whole. */
  workstationId?: string
  at: Date
}

/** When numbered receipts of each store, or of each workstation, were seen last; those that have been silent longest first. */
export async function readLastSeen(db: Queryable, per: 'store' | 'workstation', limit: number): Promise<LastSeen[]> {
  const { rows } = await db.query<{ business_unit_id: string; workstation_id: string | null; at: Date }>(
    `select business_unit_id, case when $1 then workstation_id end as workstation_id, max(updated_at) as at
     from till_series group by 1, 2 order by at, 1, 2 limit $2`,
    [per === 'workstation', limit],
  )
  return rows.map((row) => ({
    businessUnitId: row.business_unit_id,
    ...(row.workstation_id !== null && { workstationId: row.workstation_id }),
    at: row.at,
  }))
}

/** How many numbers are missing now. */
export async function countMissingNumbers(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ missing: string }>(
    `select coalesce(sum(last_number - first_number + 1), 0) as missing from gaps where state = 'open'`,
  )
  return Number(rows[0]?.missing ?? 0)
}
