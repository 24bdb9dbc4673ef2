import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { callerOf } from '../auth/authorize.ts'
import type { HttpDeps } from '../deps.ts'
import { type Operation, problemsOfBodies, problemsOfJson, problemsOfRecording } from '../openapi/operation.ts'
import { problemBody } from '../problem-answer.ts'
import { measured, readUpload, statusOf } from '../receive.ts'
import { sourceNamed } from './sources.ts'

const operation: Operation = {
  id: 'recordTransaction',
  summary: 'Record one transaction',
  description: 'Answered after its commit. Sending it again does no harm.',
  tag: 'intake',
  access: ['transactions:write'],
  acts: 'per-store',
  body: { 'application/json': 'transaction' },
  answers: {
    200: { description: 'Seen before: the first answer again.', content: { 'application/json': 'recorded' } },
    201: { description: 'Recorded, with what the checks found.', content: { 'application/json': 'recorded' } },
    202: {
      description: 'Kept in quarantine: no transaction could be made of it; its number is occupied.',
      content: { 'application/json': 'quarantined' },
    },
    409: {
      description: 'This till number was recorded with other content; both are kept.',
      content: { 'application/problem+json': 'conflict' },
    },
  },
  problems: ['transaction-conflict', ...problemsOfRecording, ...problemsOfJson, ...problemsOfBodies],
}

/** `POST /v1/transactions`: one canonical transaction, answered after its commit. */
export function registerTransactions(app: FastifyInstance, deps: HttpDeps): void {
  const source = sourceNamed(deps, 'tillflow')
  const options = { bodyLimit: deps.limits.requestBodyMaxBytes, config: { operation } }
  app.post('/v1/transactions', options, async (request, reply) => {
    const sender = callerOf(request)
    if (!Buffer.isBuffer(request.body) || request.body.length === 0)
      throw new Problem('json-malformed', 'The body is empty.')
    const body = request.body
    const answer = await measured(deps, source.name, async () =>
      deps.intake.record(readUpload(deps, source, body, sender, request.trace.traceparent)),
    )
    const receipt = 'transactionKey' in answer ? answer.transactionKey : answer.quarantineId
    deps.logger.debug({ receipt, traceId: request.id }, answer.kind)
    reply.code(statusOf(answer))
    if (answer.kind === 'conflict') {
      const { conflictId, transactionId, transactionKey } = answer
      const problem = problemBody(new Problem('transaction-conflict'), {
        conflictId,
        transactionId,
        transactionKey,
        kind: 'conflict',
      })
      return reply
        .header('content-type', 'application/problem+json')
        .send(JSON.stringify({ ...problem, traceId: request.id }))
    }
    return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify(answer))
  })
}
