import type { KeptResult } from '../contract/source.ts'
import type { Answer } from './answer.ts'

/** One slice of vendor bytes on its way in, already read and masked. */
export interface Upload {
  /** Name of the source that read it. */
  source: string
  result: KeptResult
  /** Whether card digits were masked in `result.bytes`. */
  fidelity: 'verbatim' | 'masked'
  /** Who sent it (token id), for the record. */
  senderId: string
  /** W3C traceparent of the request, carried in the event. */
  traceparent?: string
}

/** The door: records uploads durably, many at a time, and answers each by itself. */
export interface Intake {
  /** Resolves only after the commit. Rejects with a `Problem` (`storage-unavailable`, ...) when nothing was recorded. */
  record(upload: Upload): Promise<Answer>
  /** As `record` for uploads that arrive together; answers in the same order, one failed upload fails only itself. */
  recordAll(uploads: readonly Upload[]): Promise<(Answer | Error)[]>
  /** Waits until everything accepted is answered. */
  close(): Promise<void>
}
