import type { Pool } from 'pg'
import { Problem } from '../../contract/problem.ts'
import { readTargets } from '../targets.ts'
import * as sql from './queries.ts'
import { examplesPerFieldMax, fieldsMax, type ShadowExample, type ShadowTally } from './tally.ts'

/** How a shadow compares with what was sent. */
export interface ShadowReport {
  name: string
  connector: string
  since: Date
  same: number
  different: number
  /** The shadow threw. */
  failed: number
  /** Not compared: delivery was faster. */
  dropped: number
  /** Why it could not be started, or what it last failed with. */
  failure: string | null
  /** What differed, the most frequent first. */
  fields: { field: string; count: number; examples: ShadowExample[] }[]
}

/** Makes a shadow known; `failure`: it could not be started, and live delivery goes on without it. */
export async function recordShadowStart(
  pool: Pool,
  targetId: number,
  shadow: { name: string; connector: string; failure?: string },
): Promise<void> {
  await pool.query(sql.startShadowText, [targetId, shadow.name, shadow.connector, shadow.failure ?? null])
}

export async function addShadowTally(pool: Pool, targetId: number, name: string, tally: ShadowTally): Promise<void> {
  const { same, different, failed, dropped } = tally.counts
  await pool.query(sql.addCountsText, [targetId, name, same, different, failed, dropped, tally.failure ?? null])
  if (tally.fields.size === 0) return
  const fields = [...tally.fields]
  await pool.query(sql.addFieldsText, [
    targetId,
    name,
    fields.map(([field]) => field),
    fields.map(([, { count }]) => count),
    fields.map(([, { examples }]) => JSON.stringify(examples).replaceAll('\\u0000', '')),
    fieldsMax,
    examplesPerFieldMax,
  ])
}

/** The shadows of a target, the newest first. Throws `Problem` `unknown-target`. */
export async function readShadows(pool: Pool, targetName: string): Promise<ShadowReport[]> {
  const target = (await readTargets(pool)).find((one) => one.name === targetName)
  if (!target) throw new Problem('unknown-target')
  const { rows } = await pool.query<ShadowReport>(sql.readShadowsText, [target.targetId])
  return rows
}
