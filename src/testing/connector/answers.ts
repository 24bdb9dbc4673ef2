import type { HttpAnswer, Outcome } from '../../contract/connector.ts'
import { Problem } from '../../contract/problem.ts'
import { TransportFailure } from '../../contract/transport-failure.ts'
import { nowMs, type Play } from './context.ts'

/** One way in which a target behaves, and the outcome that a connector must make of it. */
export interface AnswerCase {
  name: string
  play: Play
  expected: Expected
  /** Where a resend could have a second effect. */
  withoutIdempotency?: Expected
  /** A success by its status only: what it means depends on whether the connector reads bodies for meaning. */
  successByStatus?: true
}

export type Expected = { kind: Outcome['kind']; afterMs?: number }

const answer = (status: number, body = '', headers: Record<string, string> = {}): Play => {
  return async (): Promise<HttpAnswer> => ({ status, headers, body })
}
const fails = (error: Error): Play => {
  return () => Promise.reject(error)
}
const page = '<!doctype html><title>Log in</title>'
const soon = new Date(nowMs + 90_000).toUTCString()

/** Everything but a plain success. */
export const answerCases: readonly AnswerCase[] = [
  { name: '400', play: answer(400), expected: { kind: 'rejected' } },
  { name: '401', play: answer(401), expected: { kind: 'retry' } },
  { name: '403', play: answer(403), expected: { kind: 'retry' } },
  { name: '404', play: answer(404), expected: { kind: 'rejected' } },
  { name: '409', play: answer(409, '{"error":{"code":"conflict"}}'), expected: { kind: 'rejected' } },
  { name: '410', play: answer(410), expected: { kind: 'gone' } },
  { name: '422', play: answer(422, '{"error":{"code":"unbalanced"}}'), expected: { kind: 'rejected' } },
  { name: '302 to a metadata address', play: answer(302, '', { location: 'http://169.254.169.254' }), expected: { kind: 'retry' } },
  { name: '408', play: answer(408), expected: { kind: 'retry' } },
  { name: '425', play: answer(425), expected: { kind: 'retry' } },
  { name: '429 with Retry-After 7', play: answer(429, '', { 'retry-after': '7' }), expected: { kind: 'retry', afterMs: 7000 } },
  { name: '503 with Retry-After as a date', play: answer(503, '', { 'retry-after': soon }), expected: { kind: 'retry', afterMs: 90_000 } },
  { name: '503 with Retry-After 1000000000', play: answer(503, '', { 'retry-after': '1000000000' }), expected: { kind: 'retry', afterMs: 86_400_000 } },
  { name: '503 with a Retry-After that is none', play: answer(503, page, { 'retry-after': 'later' }), expected: { kind: 'retry' } },
  { name: '500', play: answer(500, page), expected: { kind: 'retry' }, withoutIdempotency: { kind: 'unknown' } },
  { name: '502', play: answer(502, page), expected: { kind: 'retry' }, withoutIdempotency: { kind: 'unknown' } },
  { name: '504', play: answer(504, page), expected: { kind: 'retry' }, withoutIdempotency: { kind: 'unknown' } },
  { name: '200 with an error body', play: answer(200, '{"error":{"code":"session-expired"}}'), expected: { kind: 'unknown' }, successByStatus: true },
  { name: '200 with a login page', play: answer(200, page), expected: { kind: 'unknown' }, successByStatus: true },
  { name: '200 with another JSON', play: answer(200, '[null,1,"x"]'), expected: { kind: 'unknown' }, successByStatus: true },
  { name: '200 with half a document', play: answer(200, '{"document":{"id":"D'), expected: { kind: 'unknown' }, successByStatus: true },
  { name: '204', play: answer(204), expected: { kind: 'unknown' }, successByStatus: true },
  { name: 'a refused connection', play: fails(new TransportFailure('before-sending', 'ECONNREFUSED')), expected: { kind: 'retry' } },
  { name: 'a name that does not resolve', play: fails(new TransportFailure('before-sending', 'ENOTFOUND')), expected: { kind: 'retry' } },
  { name: 'an address that is not allowed', play: fails(new Problem('target-not-allowed')), expected: { kind: 'retry' } },
  { name: 'no answer in time', play: fails(new TransportFailure('after-sending', 'timeout')), expected: { kind: 'unknown' } },
  { name: 'a reset after sending', play: fails(new TransportFailure('after-sending', 'ECONNRESET')), expected: { kind: 'unknown' } },
  { name: 'an answer that is too large', play: fails(new Problem('target-answer-too-large')), expected: { kind: 'unknown' } },
  { name: 'an error nobody thought of', play: fails(new RangeError('Maximum call stack size exceeded')), expected: { kind: 'unknown' } },
] // biome-ignore format: a table reads better in rows
