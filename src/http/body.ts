import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../contract/problem.ts'

/** The body as a stream, for routes whose content type is not read by Fastify; small bodies come as one piece. */
export function bodyStream(request: FastifyRequest): AsyncIterable<Uint8Array> {
  if (Buffer.isBuffer(request.body)) {
    const whole = request.body
    return (async function* () {
      yield whole
    })()
  }
  return request.body instanceof Readable ? request.body : request.raw
}

/** Ends with Problem `payload-too-large` after `bytesMax`. A client that goes away ends the stream like its last byte. */
export async function* limitBytes(input: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of input) {
    size += chunk.length
    if (size > bytesMax) throw new Problem('payload-too-large')
    yield chunk
  }
}
