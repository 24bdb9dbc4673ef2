import type { FastifyReply } from 'fastify'
import type { Problem } from '../contract/problem.ts'
import { challengesOf } from './auth/challenges.ts'

/** RFC 9457 problem details. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  detail: string
  advice: string
  code: string
  traceId?: string
  [extension: string]: unknown
}

/** What a client is told: the code and its words, nothing of what it sent, nothing of our inside. */
export function problemBody(problem: Problem, extensions: Record<string, unknown> = {}): ProblemBody {
  const { code, title, status, advice, message } = problem
  return { type: `urn:tillflow:problem:${code}`, title, status, detail: message, advice, code, ...extensions }
}

/** Overload and a database that is away pass; clients come back spread over a second. */
function retryAfterSeconds(): number {
  return 1 + Math.round(Math.random())
}

export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  extensions: Record<string, unknown> = {},
): FastifyReply {
  if (problem.status === 503) reply.header('retry-after', retryAfterSeconds())
  const challenges = challengesOf(problem.code)
  if (challenges) reply.header('www-authenticate', challenges)
  // The rest of a body that is too large or too slow is not read.
  if (problem.status === 413 || problem.status === 408) reply.header('connection', 'close')
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problemBody(problem, { ...extensions, traceId: reply.request.id })))
}
