import type { Pool } from 'pg'
import { type Entry, entryAt } from '../seal/entry.ts'

export interface SealedEntry extends Entry {
  /** Among all entries, from 1. */
  place: number
  checkpoint: number
  indexInList: number
}

/** What was sealed, before anybody changes it. */
export interface SealedList {
  entries: SealedEntry[]
  checkpoints: number
  lines: string[]
  lists: Buffer[]
}

export async function readSealedList(pool: Pool): Promise<SealedList> {
  const { rows } = await pool.query<{ checkpoint_no: string; line: string; entries: Buffer }>(
    'select checkpoint_no, line, entries from audit_checkpoints order by checkpoint_no',
  )
  const entries: SealedEntry[] = []
  for (const row of rows) {
    for (let index = 0; ; index += 1) {
      const entry = entryAt(row.entries, index)
      if (!entry) break
      entries.push({ ...entry, place: entries.length + 1, checkpoint: Number(row.checkpoint_no), indexInList: index })
    }
  }
  return {
    entries,
    checkpoints: rows.length,
    lines: rows.map((row) => row.line),
    lists: rows.map((row) => row.entries),
  }
}
