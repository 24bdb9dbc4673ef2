import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { appendDurably, makeDirectory, syncDirectory, unlessAbsent } from '../../durable-files/write-durably.ts'

/** Longer than any checkpoint; it is looked for at the end of the file. */
const lineBytesMax = 4_096

/**
 * The last whole line of the file; undefined where there is none. A line that a crash cut short is taken away: it is
 * written again.
 */
export async function readLastLine(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r+').catch(unlessAbsent)
  if (!handle) return undefined
  try {
    const { size } = await handle.stat()
    const from = Math.max(0, size - 2 * lineBytesMax)
    const buffer = Buffer.alloc(size - from)
    await handle.read(buffer, 0, buffer.length, from)
    const end = buffer.lastIndexOf('\n') + 1
    if (end < buffer.length) {
      await handle.truncate(from + end)
      await handle.sync()
    }
    return end === 0
      ? undefined
      : buffer
          .subarray(0, end - 1)
          .toString()
          .split('\n')
          .at(-1)
  } finally {
    await handle.close()
  }
}

/** Appends lines, and waits until they are on the disk. */
export async function appendLines(path: string, lines: readonly string[]): Promise<void> {
  await makeDirectory(dirname(path))
  const isNew = (await stat(path).catch(unlessAbsent)) === undefined
  const handle = await open(path, 'a', 0o640)
  try {
    await appendDurably(handle, lines.map((line) => `${line}\n`).join(''))
  } finally {
    await handle.close()
  }
  if (isNew) await syncDirectory(dirname(path))
}

/** The lines of the file as it is now, one by one; undefined where there is no file. What is being written is left out. */
export async function openLines(path: string): Promise<AsyncIterableIterator<string> | undefined> {
  const handle = await open(path, 'r').catch(unlessAbsent)
  if (!handle) return undefined
  const { size } = await handle.stat()
  const wholeBytes = await lengthOfWholeLines(handle, size)
  await handle.close()
  if (wholeBytes === 0) return emptyLines()
  const input = createReadStream(path, { end: wholeBytes - 1 })
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]()
}

async function* emptyLines(): AsyncGenerator<string, undefined> {}

async function lengthOfWholeLines(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<number> {
  const from = Math.max(0, size - 2 * lineBytesMax)
  const buffer = Buffer.alloc(size - from)
  await handle.read(buffer, 0, buffer.length, from)
  const end = buffer.lastIndexOf('\n') + 1
  // Something else than checkpoints: read as it is, and found to be none.
  return end === 0 && from > 0 ? size : from + end
}
