import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { requireSender } from '../auth/require-sender.ts'
import type { HttpDeps } from '../deps.ts'
import { problemBody } from '../problem-answer.ts'
import { measured, readUpload, statusOf } from '../receive.ts'
import { sourceNamed } from './sources.ts'

/** `POST /v1/transactions`: one canonical transaction, answered after its commit. */
export function registerTransactions(app: FastifyInstance, deps: HttpDeps): void {
  const source = sourceNamed(deps, 'tillflow')
  app.post('/v1/transactions', { bodyLimit: deps.limits.requestBodyMaxBytes }, async (request, reply) => {
    const sender = await requireSender(deps, request, 'transactions:write')
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
