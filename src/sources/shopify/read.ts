import { isProblem, Problem } from '../../contract/problem.ts'
import type { ReadContext, ReadResult } from '../../contract/source.ts'
import { splitLines } from '../split-lines.ts'
import { ListCutter } from './cut-list.ts'
import { readSlice } from './read-object.ts'
import { listShapes, type Shape } from './shapes.ts'

type Input = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** Enough of the input to tell a list; whitespace beyond that makes it a document like any other. */
const headBytes = 4_096
const listHead = /^(?:ï»¿)?\s*\{\s*"(orders|refunds|transactions|tender_transactions)"\s*:\s*\[/

/** A list of the API object by object; lines of JSON line by line; anything else as one document. */
export async function* read(input: Input, context: ReadContext): AsyncGenerator<ReadResult> {
  const chunks = iterate(input)
  const head = await takeHead(chunks)
  const listName = listHead.exec(head.toString('latin1'))?.[1]
  const whole = (async function* () {
    yield head
    yield* chunks
  })()
  if (listName === undefined) yield* readLines(whole, context)
  else yield* readList(whole, context, listShapes[listName])
}

async function* readList(input: Input, context: ReadContext, shape: Shape | undefined): AsyncGenerator<ReadResult> {
  const cutter = new ListCutter()
  for await (const chunk of input) {
    for (const bytes of cutter.write(chunk)) yield* readOne(bytes, context, shape)
  }
  cutter.end()
}

/** The first line of NDJSON is a document by itself; the first line of a document over several lines is not. */
async function* readLines(input: Input, context: ReadContext): AsyncGenerator<ReadResult> {
  const lines = splitLines(input)
  const first = await lines.next()
  if (first.done) throw new Problem('json-malformed', 'There is nothing to read.')
  if (isDocument(first.value)) {
    const next = await lines.next()
    if (next.done) {
      yield* readSlice(first.value, context)
      return
    }
    yield* readOne(first.value, context)
    yield* readOne(next.value, context)
    for await (const line of lines) yield* readOne(line, context)
    return
  }
  const rest: Uint8Array[] = [first.value]
  for await (const line of lines) rest.push(Buffer.from('\n'), line)
  yield* readSlice(Buffer.concat(rest), context)
}

/** One of several: where it is broken it is refused by itself. */
function readOne(bytes: Uint8Array, context: ReadContext, shape?: Shape): ReadResult[] {
  try {
    return readSlice(bytes, context, shape)
  } catch (error) {
    // Without an account nothing at all can be read.
    if (!isProblem(error) || error.code === 'unknown-account') throw error
    return [{ kind: 'refused', problem: error, bytes }]
  }
}

function isDocument(line: Buffer): boolean {
  try {
    JSON.parse(line.toString())
    return true
  } catch {
    return line.at(-1) === 0x7d && line.length > 2
  }
}

async function* iterate(input: Input): AsyncGenerator<Uint8Array> {
  yield* input
}

async function takeHead(chunks: AsyncGenerator<Uint8Array>): Promise<Buffer> {
  const head: Uint8Array[] = []
  for (let size = 0; size < headBytes; ) {
    const next = await chunks.next()
    if (next.done) break
    head.push(next.value)
    size += next.value.length
  }
  return Buffer.concat(head)
}
