import { readdir, readFile, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ProblemCode } from '../contract/problem.ts'
import { unlessAbsent, writeDurably } from '../durable-files/write-durably.ts'
import type { Layout, Outcome } from './layout.ts'

/** What is decided of a file; from then on it is only put away. */
export interface Verdict {
  outcome: Outcome
  code?: ProblemCode | string
  detail?: string
}

/** A file that was taken. */
export interface Job {
  id: string
  /** The sender's name as far as it is harmless; two names may become one here. */
  name: string
  /** Of the name as it was, so that the same name is known again. */
  nameHash: string
  takenAt: string
  bytes: number
  sha256?: string
  source?: string
  /** Looked for when it was read; absent: it was not read. */
  holdsCardNumbers?: boolean
  verdict?: Verdict
}

export async function writeJob(layout: Layout, job: Job): Promise<void> {
  await writeDurably(layout.work, basename(layout.job(job.id)), `${JSON.stringify(job)}\n`)
}

/** Files that were taken and are not put away, the oldest first. */
export async function readJobs(layout: Layout): Promise<Job[]> {
  const names = (await readdir(layout.work)).filter((name) => name.endsWith('.job.json')).sort()
  const jobs: Job[] = []
  for (const name of names) {
    const text = await readFile(layout.job(name.slice(0, -'.job.json'.length)), 'utf8')
    jobs.push(JSON.parse(text) as Job)
  }
  return jobs
}

/** The last thing that goes. */
export async function removeJob(layout: Layout, id: string): Promise<void> {
  await rm(layout.progress(id), { force: true })
  await rm(layout.job(id)).catch(unlessAbsent)
}
