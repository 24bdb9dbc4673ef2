import type { JournalPosition, UnreadEvent } from '../event.ts'

/** The right to publish, and where the last one who had it was. */
export interface Leadership {
  fence: string
  cursor: JournalPosition
}

/** What a relay keeps: in PostgreSQL, or in memory in a simulation. */
export interface RelayStore {
  /** Takes the lead, or prolongs it; undefined while another one has it. */
  lead(owner: string, leaseMs: number): Promise<Leadership | undefined>
  /** Events after a position, in order. */
  read(after: JournalPosition, limit: number): Promise<UnreadEvent[]>
  /** The last event of each shard up to a position; a shard without one is not there. */
  lastOfShards(until: JournalPosition): Promise<Map<number, JournalPosition>>
  /** Everything up to here is confirmed. False where the lead was lost: nothing is changed then. */
  advance(owner: string, fence: string, to: JournalPosition): Promise<boolean>
  /** Gives the lead back, so that another one need not wait for the lease to end. */
  resign(owner: string): Promise<void>
}
