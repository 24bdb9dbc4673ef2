import { jsonBody } from '../json-body.ts'
import { type Operation, problemsOfJsonBodies } from '../openapi/operation.ts'
import { textParameter } from '../parameter.ts'
import { pageParameters, uuidPattern } from './page.ts'

interface InviteBody {
  businessUnitId: string
  workstationId: string
}

interface RevokeBody {
  reason?: string
}

const identifier = { type: 'string', minLength: 1, maxLength: 64 } as const

export const inviteBody = jsonBody<InviteBody>({
  type: 'object',
  properties: { businessUnitId: identifier, workstationId: identifier },
  required: ['businessUnitId', 'workstationId'],
  additionalProperties: false,
})

export const revokeBody = jsonBody<RevokeBody>({
  type: 'object',
  properties: { reason: { type: 'string', minLength: 1, maxLength: 500, nullable: true } },
  additionalProperties: false,
})

export const storeParameter = textParameter('store', {
  description: 'Of this store alone.',
  problem: 'request-invalid',
  pattern: '^[A-Za-z0-9._-]{1,64}$',
})

const clientPath = {
  id: { description: 'The `clientId`.', schema: { type: 'string', pattern: uuidPattern } },
}

const ofTills: Pick<Operation, 'tag' | 'access' | 'acts'> = {
  tag: 'identity',
  access: ['identity:write'],
  acts: 'per-store',
}
/** A machine may speak for several stores, or all: it is nobody's of one store. */
const ofMachines: Pick<Operation, 'tag' | 'access'> = { tag: 'identity', access: ['identity:write'] }

const revoked = {
  200: {
    description: 'It is revoked: every process refuses it within 30 seconds.',
    content: { 'application/json': 'revoked' },
  },
} as const

export const inviteTillOperation: Operation = {
  id: 'inviteTill',
  summary: 'Make the one-time code by which a till enrols',
  description:
    'It works once, for 15 minutes, and ends after five wrong tries; an open one of the same till ends. A till that was enrolled in this place is revoked when the new one enrols.',
  ...ofTills,
  body: { 'application/json': inviteBody },
  answers: { 201: { description: 'The code.', content: { 'application/json': 'invitation' } } },
  problems: ['unknown-store', ...problemsOfJsonBodies],
}

export const listTills: Operation = {
  id: 'listTills',
  summary: 'Tills that come in by a key of their own',
  description: 'Newest first, the revoked ones too.',
  ...ofTills,
  query: [storeParameter, pageParameters.limit, pageParameters.before],
  answers: { 200: { description: 'The tills.', content: { 'application/json': 'tills' } } },
  problems: ['unknown-store', 'invalid-page', 'request-invalid'],
}

export const revokeTill: Operation = {
  id: 'revokeTill',
  summary: 'Revoke a till',
  ...ofTills,
  path: clientPath,
  body: { 'application/json': revokeBody },
  answers: revoked,
  problems: ['not-found', ...problemsOfJsonBodies],
}

export const listMachines: Operation = {
  id: 'listMachines',
  summary: 'Machines that come in by a key of their own',
  description: 'Newest first, the revoked ones too.',
  ...ofMachines,
  query: [pageParameters.limit, pageParameters.before],
  answers: { 200: { description: 'The machines.', content: { 'application/json': 'machines' } } },
  problems: ['invalid-page'],
}

export const revokeMachine: Operation = {
  id: 'revokeMachine',
  summary: 'Revoke a machine',
  ...ofMachines,
  path: clientPath,
  body: { 'application/json': revokeBody },
  answers: revoked,
  problems: ['not-found', ...problemsOfJsonBodies],
}
