import { Transform, type TransformCallback } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { FastifyRequest, RequestPayload } from 'fastify'
import { Problem } from '../contract/problem.ts'

/** Text compresses ten- to twentyfold; beyond this ratio somebody sends a bomb. */
const ratioMax = 100

/** Unpacks a gzip body within bounds; other and doubled encodings are refused. */
export function decompress(request: FastifyRequest, payload: RequestPayload, bytesMax: number): RequestPayload {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase()
  if (encoding === undefined || encoding === 'identity') return payload
  if (encoding !== 'gzip') throw new Problem('unsupported-media-type', 'Only gzip is unpacked.')
  let received = 0
  let unpacked = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      received += chunk.length
      done(null, chunk)
    },
  })
  const bound = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      unpacked += chunk.length
      const tooMuch = unpacked > bytesMax || unpacked > Math.max(65_536, received * ratioMax)
      if (tooMuch) done(new Problem('decompressed-too-large'))
      else done(null, chunk)
    },
  })
  const gunzip = createGunzip()
  gunzip.on('error', () => bound.destroy(new Problem('unsupported-media-type', 'The body is not gzip.')))
  payload.on('error', (error) => bound.destroy(error))
  payload.pipe(count).pipe(gunzip).pipe(bound)
  delete request.headers['content-length']
  delete request.headers['content-encoding']
  return bound
}
