import { isProblem, Problem } from '../../contract/problem.ts'
import type { ReadContext, ReadResult, Source } from '../../contract/source.ts'
import { splitLines } from '../split-lines.ts'
import { readDocument } from './read-document.ts'
import { writer } from './write.ts'

/** Our own form: one canonical JSON document, or one on each line (NDJSON). */
export const tillflow: Source = {
  name: 'tillflow',
  title: 'Tillflow canonical JSON and NDJSON',
  features: {
    completeness: 'numbered',
    identity: 'till-number',
    mediaTypes: ['application/json', 'application/x-ndjson'],
    fileExtensions: ['.json', '.ndjson', '.jsonl'],
  },
  recognises: (head) => /^(\uFEFF)?\s*\{/.test(Buffer.from(head).toString('latin1').replace('ï»¿', '\uFEFF')),
  readDocument,
  writer,
  read,
}

/** A line that cannot be read is refused by itself; a document over several lines is read as one. */
async function* read(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  context: ReadContext,
): AsyncGenerator<ReadResult> {
  const lines = splitLines(input)
  const first = await lines.next()
  if (first.done) throw new Problem('json-malformed', 'There is nothing to read.')
  if (!isWholeDocument(first.value)) {
    const rest = [first.value]
    for await (const line of lines) rest.push(Buffer.from('\n'), line)
    yield readDocument(Buffer.concat(rest), context)
    return
  }
  yield readLine(first.value, context)
  for await (const line of lines) yield readLine(line, context)
}

function readLine(line: Buffer, context: ReadContext): ReadResult {
  try {
    return readDocument(line, context)
  } catch (error) {
    if (!isProblem(error)) throw error
    return { kind: 'refused', problem: error, bytes: line }
  }
}

/** The first line of NDJSON is a document by itself; the first line of a document over several lines is not. */
function isWholeDocument(line: Buffer): boolean {
  try {
    JSON.parse(line.toString())
    return true
  } catch {
    return line.at(-1) === 0x7d && line.length > 2
  }
}
