import { type Operation, problemsOfBodies } from '../openapi/operation.ts'
import { textParameter } from '../parameter.ts'
import { pageParameters, uuidPattern } from './page.ts'

export const uploadParameters = {
  source: textParameter('source', {
    description: 'How to read it, such as `poslog`.',
    problem: 'unknown-source',
    required: true,
  }),
  name: textParameter('name', {
    description: "The sender's name of the file, for lists.",
    problem: 'request-malformed',
  }),
  account: textParameter('account', {
    description: "The vendor's account that the file comes from.",
    problem: 'unknown-account',
  }),
  sha256: textParameter('sha256', {
    description: 'SHA-256 of the file in hexadecimal: what does not match is not kept.',
    problem: 'control-total-mismatch',
    pattern: '^[0-9a-fA-F]{64}$',
  }),
}

const fileId = { id: { description: 'The `fileId` of the upload.', schema: { type: 'string', pattern: uuidPattern } } }

export const uploadFile: Operation = {
  id: 'uploadFile',
  summary: 'Upload a whole file',
  description: 'Kept, encrypted, before it is read; recorded after the answer.',
  tag: 'files',
  access: ['transactions:write'],
  acts: 'per-store',
  query: Object.values(uploadParameters),
  body: { 'application/octet-stream': 'bytes', 'application/xml': 'bytes', 'application/x-ndjson': 'bytes' },
  answers: {
    200: { description: 'Its content was recorded before.', content: { 'application/json': 'uploaded' } },
    202: { description: 'Kept; `Location` says where to ask for it.', content: { 'application/json': 'uploaded' } },
  },
  problems: [
    'scope-store',
    ...(['unknown-source', 'unknown-account', 'control-total-mismatch', 'file-empty'] as const),
    ...(['sensitive-authentication-data'] as const),
    ...(['file-too-large', 'request-malformed', 'temporary-reduced-capacity', 'storage-unavailable'] as const),
    ...problemsOfBodies,
  ],
}

export const listFiles: Operation = {
  id: 'listFiles',
  summary: 'List uploaded files',
  description: 'The newest first. Senders see their own, operators (`admin:read`) those of their stores.',
  tag: 'files',
  access: ['admin:read', 'transactions:write'],
  acts: 'per-store',
  query: [pageParameters.limit, pageParameters.before],
  answers: { 200: { description: 'A page of files.', content: { 'application/json': 'files' } } },
  problems: ['invalid-page', 'storage-unavailable'],
}

export const readFile: Operation = {
  id: 'readFile',
  summary: 'How far a file is, and what was bad in it',
  tag: 'files',
  access: ['admin:read', 'transactions:write'],
  acts: 'per-store',
  path: fileId,
  query: [pageParameters.limit, pageParameters.after],
  answers: { 200: { description: 'The file.', content: { 'application/json': 'file' } } },
  problems: ['invalid-page', 'not-found', 'storage-unavailable'],
}

const decisionProblems = ['not-found', 'file-not-held', 'storage-unavailable'] as const

/** What is decided about a file that is held, by the last word of its address. */
export const decideHeld = {
  resume: {
    id: 'resumeFile',
    summary: 'Let a held file go on',
    description: 'Its rest is recorded, whatever is bad in it.',
    tag: 'files',
    access: ['transactions:write'],
    acts: 'per-store',
    path: fileId,
    answers: { 200: { description: 'The file.', content: { 'application/json': 'file' } } },
    problems: decisionProblems,
  },
  discard: {
    id: 'discardFile',
    summary: 'Leave the rest of a held file',
    description: 'What was good before it was held stays recorded.',
    tag: 'files',
    access: ['transactions:write'],
    acts: 'per-store',
    path: fileId,
    answers: { 200: { description: 'The file.', content: { 'application/json': 'file' } } },
    problems: decisionProblems,
  },
} satisfies Record<string, Operation>
