import { Problem } from '../contract/problem.ts'

/** One line of NDJSON, or one whole document. */
const documentBytesMax = 64 * 1_048_576
const newline = 0x0a

interface Piece {
  bytes: Uint8Array
  /** What stands between it and the next. */
  end: string
}

/** The lines of NDJSON one at a time, or a document over several lines as one: a first line that is a document by itself decides. */
export async function* splitDocuments(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Piece> {
  let isLines: boolean | undefined
  const gathered: Uint8Array[] = []
  let gatheredBytes = 0
  for await (const line of lines(input)) {
    if (isLines === undefined && !isBlank(line)) isLines = isDocument(line)
    if (isLines) {
      if (!isBlank(line)) yield { bytes: line, end: '\n' }
      continue
    }
    gathered.push(line, Buffer.from('\n'))
    gatheredBytes += line.length + 1
    if (gatheredBytes > documentBytesMax) throw tooLarge()
  }
  if (isLines === undefined) throw new Problem('json-malformed', 'There is nothing to read.')
  if (!isLines) yield { bytes: Buffer.concat(gathered.slice(0, -1)), end: '\n' }
}

async function* lines(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = []
  let partsBytes = 0
  for await (const chunk of input) {
    let from = 0
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, at)])
      parts = []
      partsBytes = 0
      from = at + 1
    }
    // A copy: whoever gives the chunks may use their memory again.
    parts.push(Uint8Array.prototype.slice.call(chunk, from))
    partsBytes += chunk.length - from
    if (partsBytes > documentBytesMax) throw tooLarge()
  }
  if (partsBytes > 0) yield Buffer.concat(parts)
}

function isDocument(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8').replace(/^\uFEFF/, ''))
    return true
  } catch {
    return false
  }
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

function tooLarge(): Problem {
  return new Problem('payload-too-large', `A document is larger than ${documentBytesMax} bytes.`)
}
