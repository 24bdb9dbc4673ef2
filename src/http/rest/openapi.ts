import type { FastifyInstance } from 'fastify'
import transaction from '../../contract/generated/transaction.v1.schema.json' with { type: 'json' }
import { filledNames } from '../../sources/tillflow/names.ts'
import answers from '../generated/api-answers.schema.json' with { type: 'json' }
import { type DescribedRoute, openapiDocument } from '../openapi/openapi.ts'
import type { Operation } from '../openapi/operation.ts'

const operation: Operation = {
  id: 'readOpenapi',
  summary: 'This document',
  tag: 'operations',
  access: [],
  answers: { 200: { description: 'The OpenAPI document of this hub.', content: { 'application/json': 'openapi' } } },
  problems: [],
}

/** `GET /v1/openapi.json`: what this very server has routes for. */
export function registerOpenapi(app: FastifyInstance, routes: readonly DescribedRoute[]): void {
  let text: string | undefined
  app.get('/v1/openapi.json', { config: { operation } }, async (_request, reply) => {
    text ??= JSON.stringify(openapiDocument(routes, { answers, transaction, filledNames }))
    return reply.header('content-type', 'application/json; charset=utf-8').send(text)
  })
}
