import { randomBytes } from 'node:crypto'
import { join } from 'node:path'

/** What became of a file, and the folder it lies in then. */
export type Outcome = 'done' | 'held' | 'rejected'

export const outcomes: readonly Outcome[] = ['done', 'held', 'rejected']

/** Where the files of a watched folder are. Everything that the watch itself needs to know is in `work`. */
export interface Layout {
  directory: string
  work: string
  of(outcome: Outcome): string
  /** The taken file, what is known of it, how far it is, and what was wrong in it. */
  data(id: string): string
  job(id: string): string
  progress(id: string): string
  errors(id: string): string
  manifest(id: string): string
  ledger: string
  lock: string
}

export function layoutOf(directory: string): Layout {
  const work = join(directory, 'work')
  return {
    directory,
    work,
    of: (outcome) => join(directory, outcome),
    data: (id) => join(work, `${id}.data`),
    job: (id) => join(work, `${id}.job.json`),
    progress: (id) => join(work, `${id}.progress.ndjson`),
    errors: (id) => join(work, `${id}.errors.ndjson`),
    manifest: (id) => join(work, `${id}.manifest.json`),
    ledger: join(work, 'taken.ndjson'),
    lock: join(work, 'lock.json'),
  }
}

/** A name of our own, which sorts by time: what a sender called the file never becomes a path of ours. */
export function newFileId(nowMs: number): string {
  const time = new Date(nowMs)
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, '')
  return `${time}-${randomBytes(4).toString('hex')}`
}
