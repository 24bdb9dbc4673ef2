import { isProblem, Problem } from '../../contract/problem.ts'
import type { ReadContext, ReadResult, Source } from '../../contract/source.ts'
import { splitLines } from '../split-lines.ts'
import { readWholeDocument } from './read-document.ts'
import { recognises } from './recognise.ts'
import { webhooks } from './webhooks.ts'
import { writer } from './write.ts'

/** The largest answer of Square has 1,000 orders, about 5 MB. It is held in memory as a whole. */
const documentBytesMax = 32 * 1024 * 1024

/** Square: orders, payments, refunds, cash drawers and stock, as the API answers them and as webhooks bring them. */
export const square: Source = {
  name: 'square',
  title: 'Square orders, payments, refunds, cash drawers and stock',
  features: {
    completeness: 'cursor',
    identity: 'vendor-fact',
    mediaTypes: ['application/json', 'application/x-ndjson'],
    fileExtensions: ['.json', '.ndjson', '.jsonl'],
  },
  recognises,
  webhooks,
  writer,
  read,
}

async function* read(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  context: ReadContext,
): AsyncGenerator<ReadResult> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of input) {
    size += chunk.length
    if (size > documentBytesMax)
      throw new Problem('payload-too-large', `A document is larger than ${documentBytesMax} bytes.`)
    chunks.push(chunk)
  }
  if (size === 0) throw new Problem('json-malformed', 'There is nothing to read.')
  const bytes = Buffer.concat(chunks)
  const firstLine = bytes.subarray(0, bytes.indexOf('\n') + 1)
  if (!isWholeDocument(firstLine)) yield* readWholeDocument(bytes, context)
  else for await (const line of splitLines([bytes])) yield* readLine(line, context)
}

/** Answers that were gathered one on each line: a line that is broken costs itself only. */
function readLine(line: Uint8Array, context: ReadContext): ReadResult[] {
  try {
    return [...readWholeDocument(line, context)]
  } catch (error) {
    if (!isProblem(error) || error.code === 'unknown-account') throw error
    return [{ kind: 'refused', problem: error, bytes: line }]
  }
}

function isWholeDocument(line: Buffer): boolean {
  try {
    JSON.parse(line.toString())
    return true
  } catch {
    return false
  }
}
