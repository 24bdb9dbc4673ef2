import { type Operation, problemsOfJsonBodies } from '../openapi/operation.ts'
import { textParameter } from '../parameter.ts'
import { targetPath } from './describe-targets.ts'
import { pageParameters, uuidPattern } from './page.ts'
import { planBody, runBody } from './replay-bodies.ts'
import { emptyBody } from './target-bodies.ts'

export const previewParameter = textParameter('preview', {
  description: '`1`: every receipt with what would change at the target, which is asked for it.',
  problem: 'request-invalid',
  pattern: '^1$',
})

const replayPath = {
  ...targetPath,
  id: { description: 'The `replayId` of the plan.', schema: { type: 'string', pattern: uuidPattern } },
}

export const planReplay: Operation = {
  id: 'planReplay',
  summary: 'Plan a replay',
  description: 'Exactly the receipts that match now are sent when it is run. A plan changes nothing at the target.',
  tag: 'replays',
  access: ['admin:write'],
  acts: 'per-store',
  path: targetPath,
  body: { 'application/json': planBody },
  answers: {
    201: { description: 'The plan; `Location` is its address.', content: { 'application/json': 'replay' } },
  },
  problems: [
    ...(['unknown-target', 'target-not-allowed', 'settings-invalid'] as const),
    ...(['replay-impossible', 'replay-too-large', 'unknown-store'] as const),
    ...problemsOfJsonBodies,
  ],
}

export const listReplays: Operation = {
  id: 'listReplays',
  summary: 'List the replays of a target',
  description: 'The newest first.',
  tag: 'replays',
  access: ['admin:read'],
  acts: 'per-store',
  path: targetPath,
  query: [pageParameters.limit],
  answers: { 200: { description: 'Replays and plans.', content: { 'application/json': 'replays' } } },
  problems: ['unknown-target', 'invalid-page'],
}

export const readReplay: Operation = {
  id: 'readReplay',
  summary: 'How far a replay is, with a page of its receipts',
  tag: 'replays',
  access: ['admin:read'],
  acts: 'per-store',
  path: replayPath,
  query: [pageParameters.limit, pageParameters.afterEvent, previewParameter],
  answers: { 200: { description: 'The replay.', content: { 'application/json': 'replayPage' } } },
  problems: [
    ...(['unknown-replay', 'invalid-page', 'request-invalid'] as const),
    // Of the target that a preview asks.
    ...(['unknown-target', 'target-not-allowed', 'settings-invalid'] as const),
  ],
}

const act: Pick<Operation, 'tag' | 'access' | 'acts' | 'path' | 'answers' | 'problems'> = {
  tag: 'replays',
  access: ['admin:write'],
  acts: 'per-store',
  path: replayPath,
  answers: { 200: { description: 'The replay as it is now.', content: { 'application/json': 'replayMoved' } } },
  problems: ['unknown-replay', 'replay-state', 'replay-under-way', ...problemsOfJsonBodies],
}

/** A replay that is paused keeps the place of the only one at its target, and so is no matter of one store. */
const { acts: _, ...everyStoreAct } = act

export const runReplay: Operation = {
  id: 'runReplay',
  summary: 'Run a plan',
  description:
    'A plan of the mode `again` makes second documents, and is run only with `confirm`. One that is older than seven days is not run. At a target that is paused (`targetPause`) nothing goes until it is resumed.',
  ...act,
  body: { 'application/json': runBody },
  problems: [...act.problems, 'replay-unconfirmed', 'replay-expired'],
}

export const pauseReplay: Operation = {
  id: 'pauseReplay',
  summary: 'Let no more of a replay go for now',
  description:
    'What is in its lane comes to its end. It stays the one replay under way at its target, so this is for those who look after every store.',
  ...everyStoreAct,
  body: { 'application/json': emptyBody },
}

export const resumeReplay: Operation = {
  id: 'resumeReplay',
  summary: 'Go on with a replay that is paused',
  ...act,
  body: { 'application/json': emptyBody },
}

export const abortReplay: Operation = {
  id: 'abortReplay',
  summary: 'End a replay or a plan',
  description: 'What was not let go stays as it was; what is in its lane comes to its end.',
  ...act,
  body: { 'application/json': emptyBody },
}
