import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'

/** An append-only file of JSON lines whose appends are durable when they resolve; appends of one moment share a sync. */
export interface GroupLog {
  append(record: object): Promise<void>
  /** Resolves when everything appended so far is durable. */
  settled(): Promise<void>
  close(): Promise<void>
}

interface Batch {
  lines: string[]
  durable: Promise<void>
  resolve(): void
}

/**
 * Opens the log, and cuts off a last line that a crash tore. A write that fails ends the process: what it holds in memory
 * would no longer be what the file says.
 */
export async function openGroupLog(path: string): Promise<GroupLog> {
  const handle = await open(path, 'a+')
  await cutTornLine(handle)
  let collecting = newBatch()
  let writing: Promise<void> | undefined

  const write = async () => {
    while (collecting.lines.length > 0) {
      const batch = collecting
      collecting = newBatch()
      await handle.appendFile(batch.lines.join(''))
      await handle.datasync()
      batch.resolve()
    }
    writing = undefined
  }
  return {
    append(record) {
      const batch = collecting
      batch.lines.push(`${JSON.stringify(record)}\n`)
      // One turn of the event loop collects what came in together.
      writing ??= new Promise(setImmediate).then(write)
      return batch.durable
    },
    settled: () => (collecting.lines.length > 0 ? collecting.durable : (writing ?? Promise.resolve())),
    close: async () => {
      await writing
      await handle.close()
    },
  }
}

/** The records of a log that no process has open, or up to now of one that is. A torn last line is left out. */
export async function* readGroupLog(path: string): AsyncIterable<unknown> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })
  let held: string | undefined
  for await (const line of lines) {
    if (held !== undefined) yield JSON.parse(held)
    held = line
  }
  if (held === undefined || held === '') return
  try {
    yield JSON.parse(held)
  } catch {
    // The last line was being written.
  }
}

/** All records of a log at once. */
export async function readWholeLog(path: string): Promise<unknown[]> {
  const records: unknown[] = []
  for await (const record of readGroupLog(path)) records.push(record)
  return records
}

function newBatch(): Batch {
  const { promise: durable, resolve } = Promise.withResolvers<void>()
  return { lines: [], durable, resolve }
}

async function cutTornLine(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat()
  const window = Buffer.alloc(65_536)
  let end = size
  while (end > 0) {
    const start = Math.max(0, end - window.length)
    const { bytesRead } = await handle.read(window, 0, end - start, start)
    const newline = window.subarray(0, bytesRead).lastIndexOf(0x0a)
    if (newline !== -1) {
      if (start + newline + 1 < size) await handle.truncate(start + newline + 1)
      return
    }
    end = start
  }
  if (size > 0) await handle.truncate(0)
}
