import { Problem } from '../contract/problem.ts'

/** A receipt of 10,000 lines has about 4 MB; one line beyond this is no receipt. */
export const lineBytesMax = 8 * 1024 * 1024

const newline = 0x0a

/** The lines of a stream without their ends, blank ones left out. Holds one line at a time. */
export async function* splitLines(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      const line = takeLine([...parts, chunk.subarray(from, at)])
      if (line) yield line
      parts = []
      size = 0
      from = at + 1
    }
    parts.push(chunk.subarray(from))
    size += chunk.length - from
    if (size > lineBytesMax) throw new Problem('payload-too-large', `A line is longer than ${lineBytesMax} bytes.`)
  }
  const last = takeLine(parts)
  if (last) yield last
}

function takeLine(parts: readonly Uint8Array[]): Buffer | undefined {
  const line = Buffer.concat(parts)
  const end = line.at(-1) === 0x0d ? line.length - 1 : line.length
  const trimmed = line.subarray(0, end)
  return trimmed.every((byte) => byte === 0x20 || byte === 0x09) ? undefined : trimmed
}
