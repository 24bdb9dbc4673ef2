import type { Pool } from 'pg'
import { readTargetStatus, type TargetStatus } from '../delivery/status.ts'
import { countKept } from '../intake/read.ts'
import { countMissingNumbers, type Gap, readOpenGaps } from '../store-day/queries.ts'

export interface HubStatus {
  transactions: number
  quarantined: number
  conflicts: number
  /** Missing till numbers. */
  gaps: number
  gapList: Gap[]
  targets: TargetStatus[]
}

/** What the hub knows of itself, from all stages. */
export async function readHubStatus(pool: Pool): Promise<HubStatus> {
  const [kept, targets, gaps, gapList] = await Promise.all([
    countKept(pool),
    readTargetStatus(pool),
    countMissingNumbers(pool),
    readOpenGaps(pool, 100),
  ])
  return { ...kept, gaps, gapList, targets }
}
