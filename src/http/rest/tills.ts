import type { FastifyInstance } from 'fastify'
import { enrolTill } from '../../identity/enrolment.ts'
import type { IdentityDeps } from '../deps.ts'
import { jsonBody, jsonBodyMaxBytes } from '../json-body.ts'
import type { EnrolledTill } from '../openapi/api-answers.ts'
import { type Operation, problemsOfJsonBodies } from '../openapi/operation.ts'

interface EnrolmentBody {
  businessUnitId: string
  workstationId: string
  code: string
}

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const

const enrolmentBody = jsonBody<EnrolmentBody>({
  type: 'object',
  properties: { businessUnitId: text(64), workstationId: text(64), code: text(32) },
  required: ['businessUnitId', 'workstationId', 'code'],
  additionalProperties: false,
})

const path = '/v1/tills'

const enrol: Operation = {
  id: 'enrolTill',
  summary: 'Enrol a till with a one-time code',
  description:
    'The header `DPoP` has a proof (RFC 9449) signed by the key that the till made for itself (ES256): the public key in it is registered. Answers name the client id, with which the till asks the token endpoint for tokens (`private_key_jwt`).',
  tag: 'identity',
  access: [],
  body: { 'application/json': enrolmentBody },
  answers: { 201: { description: 'It is enrolled.', content: { 'application/json': 'enrolled' } } },
  problems: [
    'enrolment-code-invalid',
    'invalid-dpop-proof',
    'use-dpop-nonce',
    'temporary-reduced-capacity',
    ...problemsOfJsonBodies,
  ],
}

/** `POST /v1/tills`: a code of `tillflow till invite`, and a key that its owner has shown to be his, for a client id. */
export function registerTills(app: FastifyInstance, identity: IdentityDeps): void {
  app.post(path, { bodyLimit: jsonBodyMaxBytes, config: { operation: enrol } }, async (request, reply) => {
    const { businessUnitId: store, workstationId: till, code } = enrolmentBody.read(request)
    const { dpop } = request.headers
    reply.header('dpop-nonce', identity.proofs.nonce())
    const { publicKey } = identity.proofs.verify(typeof dpop === 'string' ? dpop : undefined, {
      method: 'POST',
      url: `${identity.publicUrl()}${path}`,
    })
    const { clientId } = await enrolTill(identity.db, identity.identityKey, { store, till, code, publicKey })
    const answer: EnrolledTill = {
      clientId,
      issuer: identity.issuer(),
      tokenEndpoint: `${identity.issuer()}/token`,
      audience: identity.publicUrl(),
    }
    return reply.code(201).send(answer)
  })
}
