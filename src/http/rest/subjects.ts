import type { FastifyInstance } from 'fastify'
import { erase, previewErasure } from '../../privacy/erasure/erase.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'
import { readErasure } from '../../privacy/erasure/report.ts'
import { readSubject } from '../../privacy/erasure/subject.ts'
import { callerOf } from '../auth/authorize.ts'
import { jsonBody, jsonBodyMaxBytes } from '../json-body.ts'
import { type Operation, problemsOfJsonBodies } from '../openapi/operation.ts'

interface EraseBody {
  subject: string
  reason: string
}

interface PreviewBody {
  subject: string
}

const subject = { type: 'string', minLength: 1, maxLength: 300 } as const

const eraseBody = jsonBody<EraseBody>({
  type: 'object',
  properties: { subject, reason: { type: 'string', minLength: 1, maxLength: 500 } },
  required: ['subject', 'reason'],
  additionalProperties: false,
})

const previewBody = jsonBody<PreviewBody>({
  type: 'object',
  properties: { subject },
  required: ['subject'],
  additionalProperties: false,
})

const act: Pick<Operation, 'tag' | 'access'> = { tag: 'persons', access: ['privacy:write'] }

const eraseOperation: Operation = {
  id: 'erasePerson',
  summary: 'Erase a person',
  description:
    'Numbers, goods, amounts and taxes stay, under a reference. The name stands in the body, since addresses are logged on the way. Asked for again it is the same erasure; it goes on by itself.',
  ...act,
  body: { 'application/json': eraseBody },
  answers: { 202: { description: 'It is on record.', content: { 'application/json': 'erasure' } } },
  problems: ['unknown-subject', 'legal-hold', ...problemsOfJsonBodies],
}

const previewOperation: Operation = {
  id: 'previewErasure',
  summary: 'What would be erased of a person',
  ...act,
  body: { 'application/json': previewBody },
  answers: { 200: { description: 'Nothing was changed.', content: { 'application/json': 'erasurePreview' } } },
  problems: ['unknown-subject', ...problemsOfJsonBodies],
}

const readOperation: Operation = {
  id: 'readErasure',
  summary: 'How far an erasure is',
  ...act,
  path: { id: { description: 'The id of the erasure.', schema: { type: 'string', format: 'uuid' } } },
  answers: { 200: { description: 'The erasure.', content: { 'application/json': 'erasure' } } },
  problems: ['unknown-erasure'],
}

/** `POST /v1/subjects/erase`, `/v1/subjects/preview-erasure` and `GET /v1/erasures/{id}`, all with `privacy:write`. */
export function registerSubjects(app: FastifyInstance, house: ErasureHouse): void {
  const bodyLimit = jsonBodyMaxBytes
  app.post('/v1/subjects/erase', { bodyLimit, config: { operation: eraseOperation } }, async (request, reply) => {
    const { actor } = callerOf(request)
    const { subject: name, reason } = eraseBody.read(request)
    const report = await erase(house, { subject: readSubject(name), reason, actor })
    return reply.code(202).header('location', `/v1/erasures/${report.erasureId}`).send(report)
  })
  const previews = { bodyLimit, config: { operation: previewOperation } }
  app.post('/v1/subjects/preview-erasure', previews, async (request, reply) => {
    const { subject: name } = previewBody.read(request)
    return reply.send(await previewErasure(house, readSubject(name)))
  })
  app.get<{ Params: { id: string } }>(
    '/v1/erasures/:id',
    { config: { operation: readOperation } },
    async (request, reply) => {
      return reply.send(await readErasure(house.pool, request.params.id))
    },
  )
}
