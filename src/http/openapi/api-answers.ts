import type { FileErrorView, FileView } from '../../files/read.ts'
import type { QuarantinedAnswer, RecordedAnswer } from '../../intake/answer.ts'
import type { ErasurePreview } from '../../privacy/erasure/erase.ts'
import type { ErasureReport } from '../../privacy/erasure/report.ts'
import type { DocumentAnswer } from '../answer-slices.ts'
import type { ProblemBody } from '../problem-answer.ts'
import type { WebhookIgnored } from '../receive-webhook.ts'
import type { IdentityAnswers } from './identity-answers.ts'
import type { TargetAnswers } from './target-answers.ts'

/** Every body that the API answers with, by a name of its own: their JSON Schemas are made from these types. */
export interface ApiAnswers extends TargetAnswers, IdentityAnswers {
  recorded: RecordedAnswer
  quarantined: QuarantinedAnswer
  conflict: ConflictProblem
  problem: ProblemBody
  document: DocumentAnswer | WebhookIgnored
  line: LineAnswer
  slice: SliceLine
  uploaded: UploadedFile
  file: FileWithErrors
  files: FileList
  erasure: ErasureReport
  erasurePreview: ErasurePreview
  me: SignedInPerson
  signedOut: SignedOut
  loggedOut: LoggedOut
  live: Liveness
  ready: Readiness
  openapi: OpenapiAnswer
}

/** A problem that also says what was recorded first. */
export interface ConflictProblem extends ProblemBody {
  kind: 'conflict'
  conflictId: string
  transactionId: string
  transactionKey: string
}

/** One line of the answer to a batch: what would be the answer to the line by itself. */
export interface LineAnswer {
  /** Counted from 1. @asType integer @minimum 1 */
  line: number
  /** The HTTP status that the line by itself would have had. @asType integer */
  status: number
  [more: string]: unknown
}

/** One transaction of a document; slice 0 says that the document could not be read to its end. */
export interface SliceLine {
  /** @asType integer @minimum 0 */
  slice: number
  /** @asType integer */
  status: number
  [more: string]: unknown
}

export interface UploadedFile {
  fileId: string
  /** The same content was recorded before. */
  duplicate: boolean
}

export interface FileWithErrors extends FileView {
  errors: FileErrorView[]
  /** `after` of the next page; absent on the last. */
  next?: number
}

export interface FileList {
  files: FileView[]
  /** `before` of the next page; absent on the last. */
  next?: string
}

/** A role, and the stores at which it ends; without a place: every store. */
export interface HeldRole {
  role: string
  legalEntity?: string
  region?: string
  store?: string
}

export interface SignedInPerson {
  sessionId: string
  /** As the log of acts names them. */
  actor: string
  name?: string
  email?: string
  /** Somebody came in by a one-time code, for an emergency. */
  breakGlass: boolean
  /** As they were at sign-in. */
  roles: HeldRole[]
  /** What they may do, by scope, and for which stores now; `*`: every one. */
  reach: { [scope: string]: string[] | '*' }
  endsAt: string
  /** When it ends if nothing more is done in it. */
  idleEndsAt: string
}

export interface SignedOut {
  signedOut: true
  /** Where the browser goes on to end the session of the provider too. */
  endSessionUrl?: string
}

export interface LoggedOut {
  /** @asType integer @minimum 0 */
  sessionsEnded: number
}

export interface Liveness {
  status: 'ok'
}

export interface Readiness {
  status: 'ok' | 'not ready'
  checks: { [name: string]: string }
}

/** An OpenAPI 3.1 document. */
export interface OpenapiAnswer {
  openapi: string
  [more: string]: unknown
}
