import { open } from 'node:fs/promises'

const tailBytes = 4_096
const tailLines = 20

/** The last lines that a log got after `fromByte`, small enough for an error message. */
export async function readLogTail(logFile: string, fromByte: number): Promise<string> {
  try {
    await using file = await open(logFile, 'r')
    const { size } = await file.stat()
    const start = Math.max(fromByte, size - tailBytes)
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(tailBytes), position: start })
    return buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n').slice(-tailLines).join('\n')
  } catch {
    return '(the log cannot be read)'
  }
}
