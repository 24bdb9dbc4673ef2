import { type Operation, problemsOfJsonBodies } from '../openapi/operation.ts'
import { textParameter } from '../parameter.ts'
import { pageParameters } from './page.ts'
import { maybeReasonBody, reasonBody, retryBody } from './target-bodies.ts'

export const targetPath = {
  name: { description: 'The name of the target in the settings.', schema: { type: 'string' } },
}

export const groupParameter = textParameter('group', {
  description: '`fingerprint`: groups by cause instead of events.',
  problem: 'request-invalid',
  pattern: '^fingerprint$',
})

const act: Pick<Operation, 'tag' | 'access' | 'path' | 'problems'> = {
  tag: 'targets',
  access: ['admin:write'],
  path: targetPath,
  problems: ['unknown-target', ...problemsOfJsonBodies],
}

export const listTargets: Operation = {
  id: 'listTargets',
  summary: 'Where every receipt stands at every target',
  description:
    'To whoever may look at some stores only: each target without counts, which are of all stores, and without what it said of a receipt.',
  tag: 'targets',
  access: ['admin:read'],
  acts: 'on-no-store',
  answers: { 200: { description: 'All targets.', content: { 'application/json': 'targets' } } },
  problems: [],
}

export const pause: Operation = {
  id: 'pauseTarget',
  summary: 'Send nothing to a target until it is resumed',
  description: 'Attempts on the line come to their end. Nothing is lost: it waits.',
  ...act,
  body: { 'application/json': reasonBody },
  answers: { 200: { description: 'It is paused.', content: { 'application/json': 'paused' } } },
}

export const drain: Operation = {
  id: 'drainTarget',
  summary: 'Let a target have what was recorded until now, then pause it',
  ...act,
  body: { 'application/json': reasonBody },
  answers: {
    202: {
      description: 'It drains; `listTargets` says when it is paused.',
      content: { 'application/json': 'drained' },
    },
  },
}

export const resume: Operation = {
  id: 'resumeTarget',
  summary: 'Go on with a target that is paused or drains',
  ...act,
  body: { 'application/json': maybeReasonBody },
  answers: { 200: { description: 'It is active.', content: { 'application/json': 'resumed' } } },
}

export const listParked: Operation = {
  id: 'listParked',
  summary: 'What a person must decide at a target',
  description: 'The oldest first, or by cause the largest group first.',
  tag: 'targets',
  access: ['admin:read'],
  acts: 'per-store',
  path: targetPath,
  query: [groupParameter, pageParameters.limit],
  answers: { 200: { description: 'Events, or groups of them.', content: { 'application/json': 'parked' } } },
  problems: ['unknown-target', 'invalid-page', 'request-invalid'],
}

export const retryParked: Operation = {
  id: 'retryParked',
  summary: 'Put parked events back into their lanes',
  description:
    'What is said narrows them down; something must be said, be it `all`. What the target may have already (`needs-check`) is left alone without `includeNeedsCheck`.',
  ...act,
  acts: 'per-store',
  body: { 'application/json': retryBody },
  problems: ['unknown-store', ...act.problems],
  answers: { 200: { description: 'How many were put back.', content: { 'application/json': 'retried' } } },
}
