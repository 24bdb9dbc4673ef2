import { isProblem, Problem } from '../contract/problem.ts'
import { countSlices, type SliceCounts } from '../contract/slice-quality.ts'
import type { KeptResult, NotedResult, ReadContext, Source } from '../contract/source.ts'
import type { Upload } from '../intake/intake.ts'
import { maskCardNumbersInStream } from '../privacy/card-numbers/mask-in-stream.ts'
import { refuseSensitiveAuthenticationData } from '../privacy/card-numbers/sensitive-data.ts'
import type { Sender } from './auth/caller.ts'
import type { HttpDeps } from './deps.ts'
import { type ProblemBody, problemBody } from './problem-answer.ts'
import { statusOf, toUpload } from './receive.ts'

/** Slices that are recorded together; the document is read no further meanwhile. */
const chunkSlices = 200

export type SliceAnswer = { slice: number; status: number; kind?: string } & Record<string, unknown>

/** What a document came to. `problem` is there when it could not be read to its end; what came before stays recorded. */
export interface DocumentAnswer extends SliceCounts {
  transactions: SliceAnswer[]
  problem?: ProblemBody
}

/** A vendor's bytes on their way in. */
export interface Document {
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  context: ReadContext
  sender: Sender
  traceparent: string
  traceId: string
  /** Card numbers were masked before: no slice is verbatim. */
  masked?: boolean
}

export async function collect(answers: AsyncIterable<SliceAnswer>): Promise<DocumentAnswer> {
  const transactions: SliceAnswer[] = []
  let problem: ProblemBody | undefined
  for await (const answer of answers) {
    const { slice, ...rest } = answer
    if (slice === 0) problem = rest as unknown as ProblemBody
    else transactions.push(answer)
  }
  return { ...countSlices(transactions), transactions, ...(problem && { problem }) }
}

/** Reads a document, records what it says and answers each slice in its order; slice 0 says that it could not be read to its end. */
export async function* answerSlices(deps: HttpDeps, source: Source, document: Document): AsyncGenerator<SliceAnswer> {
  const { sender, traceparent, traceId } = document
  let masked = document.masked ?? false
  const input = maskCardNumbersInStream(document.input, {
    onMasked: () => {
      masked = true
    },
  })
  let waiting: Slice[] = []
  let from = 1
  try {
    for await (const result of source.read(input, document.context)) {
      // Pieces are masked ahead of the slices that hold them, so a document with one card number is masked as a whole.
      if (result.kind === 'refused') waiting.push(result.problem)
      else if (result.kind === 'noted') waiting.push(result)
      else waiting.push(guardSlice(deps, source, result, masked, sender, traceparent))
      if (waiting.length < chunkSlices) continue
      yield* await answerChunk(deps, source, waiting, from)
      from += waiting.length
      waiting = []
    }
  } catch (error) {
    yield* await answerChunk(deps, source, waiting, from)
    if (!isProblem(error)) throw error
    yield { slice: 0, ...problemBody(error, { traceId }) }
    return
  }
  yield* await answerChunk(deps, source, waiting, from)
}

/** What becomes of a slice: something to record, or its answer already. */
type Slice = Upload | Problem | NotedResult

function isNoted(slice: Slice): slice is NotedResult {
  return 'kind' in slice && slice.kind === 'noted'
}

function guardSlice(
  deps: HttpDeps,
  source: Source,
  result: KeptResult,
  masked: boolean,
  sender: Sender,
  traceparent: string,
): Upload | Problem {
  try {
    refuseSensitiveAuthenticationData(Buffer.from(result.bytes).toString())
    return toUpload(deps, source, result, masked, sender, traceparent)
  } catch (error) {
    if (isProblem(error)) return error
    throw error
  }
}

async function answerChunk(
  deps: HttpDeps,
  source: Source,
  chunk: readonly Slice[],
  from: number,
): Promise<SliceAnswer[]> {
  const startedAt = performance.now()
  const uploads = chunk.filter((one): one is Upload => !isProblem(one) && !isNoted(one))
  const answers = (await deps.intake.recordAll(uploads))[Symbol.iterator]()
  const seconds = (performance.now() - startedAt) / 1_000
  return chunk.map((one, index) => {
    if (!isProblem(one) && isNoted(one)) {
      const { kind, what, count } = one
      deps.metrics?.answered(source.name, kind, seconds)
      return { slice: from + index, status: 200, kind, what, count }
    }
    const answer = isProblem(one) ? one : (answers.next().value ?? new Problem('internal-error'))
    if (answer instanceof Error) {
      const problem = isProblem(answer) ? answer : new Problem('internal-error')
      deps.metrics?.answered(source.name, problem.code, seconds)
      return { slice: from + index, ...problemBody(problem) }
    }
    deps.metrics?.answered(source.name, answer.kind, seconds)
    return { slice: from + index, status: statusOf(answer), ...answer }
  })
}
