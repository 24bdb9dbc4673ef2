import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { appendDurably } from '../durable-files/write-durably.ts'
import type { Layout } from './layout.ts'

/** One file that is done. */
export interface LedgerEntry {
  id: string
  sha256: string
  nameHash: string
}

/** Files that are remembered: at a thousand a day, half a year. Its repeats do no harm to the hub, which knows its receipts. */
const entriesMax = 200_000

/** Which contents and which names were taken before. */
export interface Ledger {
  byContent(sha256: string): LedgerEntry | undefined
  byName(nameHash: string): LedgerEntry | undefined
  add(entry: LedgerEntry): Promise<void>
}

export async function openLedger(layout: Layout): Promise<Ledger> {
  const contents = new Map<string, LedgerEntry>()
  const names = new Map<string, LedgerEntry>()
  const keep = (entry: LedgerEntry) => {
    contents.set(entry.sha256, entry)
    names.set(entry.nameHash, entry)
    for (const map of [contents, names]) {
      const [oldest] = map.keys()
      if (map.size > entriesMax && oldest !== undefined) map.delete(oldest)
    }
  }
  const handle = await open(layout.ledger, 'a+', 0o640)
  try {
    for await (const line of createInterface({ input: createReadStream(layout.ledger) })) {
      const entry = readEntry(line)
      if (entry) keep(entry)
    }
    // A line that a crash tore gets an end, so that the next one is a line of its own.
    const { size } = await handle.stat()
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1))
    if (size > 0 && buffer[0] !== 0x0a) await appendDurably(handle, '\n')
  } finally {
    await handle.close()
  }
  return {
    byContent: (sha256) => contents.get(sha256),
    byName: (nameHash) => names.get(nameHash),
    add: async (entry) => {
      if (contents.get(entry.sha256)?.id === entry.id) return
      const log = await open(layout.ledger, 'a', 0o640)
      try {
        await appendDurably(log, `${JSON.stringify(entry)}\n`)
      } finally {
        await log.close()
      }
      keep(entry)
    },
  }
}

function readEntry(line: string): LedgerEntry | undefined {
  try {
    const entry = JSON.parse(line) as LedgerEntry
    return typeof entry.sha256 === 'string' && typeof entry.nameHash === 'string' ? entry : undefined
  } catch {
    return undefined
  }
}
