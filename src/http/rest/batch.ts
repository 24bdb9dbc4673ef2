import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { isProblem, Problem } from '../../contract/problem.ts'
import type { Source } from '../../contract/source.ts'
import type { Upload } from '../../intake/intake.ts'
import { splitLines } from '../../sources/split-lines.ts'
import { callerOf } from '../auth/authorize.ts'
import type { Sender } from '../auth/caller.ts'
import { bodyStream, limitBytes } from '../body.ts'
import type { HttpDeps } from '../deps.ts'
import { type Operation, problemsOfBodies, problemsOfJson, problemsOfRecording } from '../openapi/operation.ts'
import { problemBody } from '../problem-answer.ts'
import { readUpload, statusOf } from '../receive.ts'
import { sourceNamed } from './sources.ts'

/** Lines that are recorded together: as many as one commit takes, so that the next ones are read while it is on its way. */
const chunkLines = 256

const operation: Operation = {
  id: 'recordBatch',
  summary: 'Record many transactions',
  description:
    'NDJSON in, NDJSON out: an answer for each line, in its order, after its commit. A line fails by itself.',
  tag: 'intake',
  access: ['transactions:write'],
  acts: 'per-store',
  body: { 'application/x-ndjson': 'bytes' },
  answers: { 200: { description: 'An answer for each line.', content: { 'application/x-ndjson': 'line' } } },
  problems: ['batch-empty', 'batch-too-large', ...problemsOfRecording, ...problemsOfJson, ...problemsOfBodies],
}

/**
 * `POST /v1/transactions/batch`: NDJSON in, NDJSON out, one answer for each line and in its order, given after that line's
 * commit. A batch that breaks off is sent again from any line: what was recorded answers `duplicate`.
 */
export function registerBatch(app: FastifyInstance, deps: HttpDeps): void {
  const source = sourceNamed(deps, 'tillflow')
  const options = { bodyLimit: deps.limits.batchBodyMaxBytes, config: { operation } }
  app.post('/v1/transactions/batch', options, async (request, reply) => {
    const sender = callerOf(request)
    const input = limitBytes(bodyStream(request), deps.limits.batchBodyMaxBytes)
    const answers = answerLines(deps, source, input, sender, request.trace.traceparent)
    const first = await answers.next()
    if (first.done) throw new Problem('batch-empty')
    const all = async function* () {
      yield first.value
      yield* answers
    }
    return reply.code(200).header('content-type', 'application/x-ndjson').send(Readable.from(all()))
  })
}

/** One chunk is read and checked while the one before it is being committed. */
async function* answerLines(
  deps: HttpDeps,
  source: Source,
  input: AsyncIterable<Uint8Array>,
  sender: Sender,
  traceparent: string,
): AsyncGenerator<string> {
  const { batchLinesMax } = deps.limits
  let lines: Buffer[] = []
  let from = 1
  let onItsWay: Promise<string> | undefined
  let failure: Problem | undefined
  const startChunk = () => {
    const chunk = answerChunk(deps, source, lines, from, sender, traceparent)
    // Whoever waits for it hears of a failure; nobody may be waiting yet.
    chunk.catch(() => {})
    from += lines.length
    lines = []
    return chunk
  }
  try {
    for await (const line of splitLines(input)) {
      if (from + lines.length > batchLinesMax) {
        throw new Problem('batch-too-large', `The first ${batchLinesMax} lines are answered, the rest was not read.`)
      }
      lines.push(line)
      if (lines.length < chunkLines) continue
      const next = startChunk()
      if (onItsWay) yield await onItsWay
      onItsWay = next
    }
  } catch (error) {
    if (!isProblem(error)) throw error
    failure = error
  }
  if (onItsWay) yield await onItsWay
  // Lines that arrived whole are answered, whatever came after them.
  if (lines.length > 0) yield await startChunk()
  if (failure && from === 1) throw failure
  if (failure) yield `${JSON.stringify({ line: from, ...problemBody(failure) })}\n`
}

async function answerChunk(
  deps: HttpDeps,
  source: Source,
  lines: readonly Buffer[],
  from: number,
  sender: Sender,
  traceparent: string,
): Promise<string> {
  const startedAt = performance.now()
  const uploads = lines.map((line): Upload | Error => {
    try {
      return readUpload(deps, source, line, sender, traceparent)
    } catch (error) {
      return error instanceof Error ? error : new Problem('internal-error', undefined, { cause: error })
    }
  })
  const kept = uploads.filter((upload): upload is Upload => !(upload instanceof Error))
  const answers = (await deps.intake.recordAll(kept))[Symbol.iterator]()
  const seconds = (performance.now() - startedAt) / 1_000
  return uploads
    .map((upload, index) => {
      const answer = upload instanceof Error ? upload : (answers.next().value ?? new Problem('internal-error'))
      const line = from + index
      if (answer instanceof Error) {
        if (!isProblem(answer)) deps.logger.error({ error: answer }, 'a line of a batch failed')
        const problem = isProblem(answer) ? answer : new Problem('internal-error')
        deps.metrics?.answered(source.name, problem.code, seconds)
        return `${JSON.stringify({ line, ...problemBody(problem) })}\n`
      }
      deps.metrics?.answered(source.name, answer.kind, seconds)
      return `${JSON.stringify({ line, status: statusOf(answer), ...answer })}\n`
    })
    .join('')
}
