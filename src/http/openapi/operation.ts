import type { ProblemCode } from '../../contract/problem.ts'
import type { Scope } from '../auth/scopes.ts'
import type { JsonBody } from '../json-body.ts'
import type { Parameter } from '../parameter.ts'
import type { ApiAnswers } from './api-answers.ts'

/** What a route promises. It stands with the route (`config.operation`), and the API document is made of nothing else. */
export interface Operation {
  id: string
  summary: string
  description?: string
  tag: string
  /**
   * Which scopes may call it, any of them; `webhook-signature` stands for a vendor's, `session` for whoever has signed in, with whatever
   * roles; none: nobody is asked who they are.
   */
  access: readonly (Scope | 'webhook-signature' | 'session')[]
  /**
   * `per-store`: a caller that is limited to stores gets in, and the handler sees to those alone. `on-no-store`: such a caller gets in, and
   * the handler leaves out what is of stores. Absent: it acts on everything.
   */
  acts?: 'per-store' | 'on-no-store'
  /** What comes in its address or body is looked at as credentials: who comes with wrong ones again and again has to wait. */
  takesCredentials?: true
  /** A browser shows the answer: a problem is a page, and whoever has no session is sent to the sign-in. */
  isPage?: true
  /** It takes forms that no page sends: a problem is not a page. */
  isForPrograms?: true
  path?: Readonly<Record<string, PathParameter>>
  query?: readonly Parameter<unknown>[]
  body?: Readonly<Record<string, Content>>
  answers: Readonly<Record<number, AnswerDescription>>
  /** Every problem that it answers with, by its code; its status is that of the code. */
  problems: readonly ProblemCode[]
  /** Of a room with a standard and metadata of its own: it is not in the API document. */
  isDescribedElsewhere?: true
}

interface PathParameter {
  description: string
  schema: Record<string, unknown>
}

export interface AnswerDescription {
  description: string
  content: Readonly<Record<string, Content>>
}

/** `transaction` is what a client sends of one; `bytes` and `text` have no schema; a `JsonBody` has the one that it reads by. */
export type Content = keyof ApiAnswers | 'transaction' | 'bytes' | 'text' | Pick<JsonBody<unknown>, 'schema'>

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation
  }
}

/** Any request may be answered with these. */
export const problemsOfAll: readonly ProblemCode[] = [
  'request-malformed',
  'headers-too-large',
  'url-too-long',
  'host-unknown',
  'internal-error',
]

/** Any request that not everybody may make. */
export const problemsOfAccess: readonly ProblemCode[] = [
  'unauthorized',
  'invalid-token',
  'invalid-dpop-proof',
  'use-dpop-nonce',
  'permission-missing',
  'session-ended',
  'credentials-ambiguous',
  'cross-site-request',
  'quota-exceeded',
  'temporary-reduced-capacity',
]

/** Any request with a body. */
export const problemsOfBodies: readonly ProblemCode[] = [
  'payload-too-large',
  'decompressed-too-large',
  'unsupported-media-type',
  'request-timeout',
]

/** Any request that records. */
export const problemsOfRecording: readonly ProblemCode[] = [
  'scope-store',
  'invalid-encoding',
  'sensitive-authentication-data',
  'temporary-reduced-capacity',
  'storage-unavailable',
]

const problemsOfJsonText: readonly ProblemCode[] = [
  'json-malformed',
  'json-too-deep',
  'duplicate-key',
  'forbidden-key',
  'number-out-of-range',
]

/** What strict JSON of a transaction refuses. */
export const problemsOfJson: readonly ProblemCode[] = [...problemsOfJsonText, 'read-only-field']

/** Any request with a `JsonBody`. */
export const problemsOfJsonBodies: readonly ProblemCode[] = [
  ...problemsOfJsonText,
  'invalid-encoding',
  'request-invalid',
  'sensitive-authentication-data',
  ...problemsOfBodies,
]
