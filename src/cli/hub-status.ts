import type { Pool } from 'pg'
import { readTargetStatus, type TargetStatus } from '../delivery/status.ts'
import { countKept } from '../intake/read.ts'
import { type RelayStatus, readRelayStatus } from '../journal/relay/queries.ts'
import { countMissingNumbers, type Gap, readOpenGaps } from '../store-day/queries.ts'

export interface HubStatus {
  transactions: number
  quarantined: number
  conflicts: number
  /** Missing till numbers. */
  gaps: number
  gapList: Gap[]
  targets: TargetStatus[]
  /** Relays to buses; none where nothing was ever published. */
  relays: RelayStatus[]
}

/** What the hub knows of itself, from all stages. */
export async function readHubStatus(pool: Pool): Promise<HubStatus> {
  const [kept, targets, gaps, gapList, relays] = await Promise.all([
    countKept(pool),
    readTargetStatus(pool),
    countMissingNumbers(pool),
    readOpenGaps(pool, 100),
    readRelayStatus(pool),
  ])
  return { ...kept, gaps, gapList, targets, relays }
}
