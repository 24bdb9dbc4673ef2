import type { FastifyInstance } from 'fastify'
import { Problem } from '../../contract/problem.ts'
import { enrolInvitedKey, enrolTill } from '../../identity/enrolment.ts'
import type { IdentityDeps } from '../deps.ts'
import { jsonBody, jsonBodyMaxBytes } from '../json-body.ts'
import type { EnrolledTill } from '../openapi/identity-answers.ts'
import { type Operation, problemsOfJsonBodies } from '../openapi/operation.ts'

interface EnrolmentBody {
  businessUnitId?: string
  workstationId?: string
  code?: string
}

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength, nullable: true }) as const

const enrolmentBody = jsonBody<EnrolmentBody>({
  type: 'object',
  properties: { businessUnitId: text(64), workstationId: text(64), code: text(32) },
  additionalProperties: false,
})

const path = '/v1/tills'

const enrol: Operation = {
  id: 'enrolTill',
  summary: 'Enrol a till with a one-time code, or with the approval of a manager',
  description:
    'With a code, all three fields are needed. With an approval there is a token instead (`Authorization: DPoP ...`, of the device grant of the authorization server) and no field. The header `DPoP` has a proof (RFC 9449) signed by the key that the till made for itself (ES256): the public key in it is registered. Answers name the client id, with which the till asks the token endpoint for tokens (`private_key_jwt`).',
  tag: 'identity',
  access: [],
  body: { 'application/json': enrolmentBody },
  answers: { 201: { description: 'It is enrolled.', content: { 'application/json': 'enrolled' } } },
  problems: [
    'enrolment-code-invalid',
    'invalid-token',
    'invalid-dpop-proof',
    'use-dpop-nonce',
    'temporary-reduced-capacity',
    ...problemsOfJsonBodies,
  ],
}

/** `POST /v1/tills`: a code or an approval, and a key that its owner has shown to have, for a client id. */
export function registerTills(app: FastifyInstance, identity: IdentityDeps): void {
  app.post(path, { bodyLimit: jsonBodyMaxBytes, config: { operation: enrol } }, async (request, reply) => {
    const { db, identityKey, proofs, publicUrl, issuer } = identity
    const body = enrolmentBody.read(request)
    const { dpop } = request.headers
    reply.header('dpop-nonce', proofs.nonce())
    const approval = await identity.readEnrolmentToken(request)
    const { publicKey } = await proofs.verify(typeof dpop === 'string' ? dpop : undefined, {
      ...{ method: 'POST', url: `${publicUrl()}${path}` },
      ...(approval && { tokenHash: approval.tokenHash, thumbprint: approval.thumbprint }),
    })
    const { clientId, stores, workstationId } = approval
      ? await enrolInvitedKey(db, approval.invitationId, publicKey)
      : await enrolTill(db, identityKey, { ...readCode(body), publicKey })
    const answer: EnrolledTill = {
      clientId,
      businessUnitId: stores?.[0] ?? '',
      workstationId: workstationId ?? '',
      issuer: issuer(),
      tokenEndpoint: `${issuer()}/token`,
      audience: publicUrl(),
    }
    return reply.code(201).send(answer)
  })
}

/** Throws Problem `request-invalid`. */
function readCode({ businessUnitId: store, workstationId: till, code }: EnrolmentBody) {
  if (store === undefined || till === undefined || code === undefined)
    throw new Problem(
      'request-invalid',
      'businessUnitId, workstationId and code are needed where there is no approval.',
    )
  return { store, till, code }
}
