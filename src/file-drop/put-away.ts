import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type ProblemCode, problemCodes } from '../contract/problem.ts'
import { syncDirectory, unlessAbsent, writeDurably } from '../durable-files/write-durably.ts'
import { type Job, removeJob, writeJob } from './job.ts'
import type { Layout, Outcome } from './layout.ts'
import type { Ledger } from './ledger.ts'
import { isPlainFile, lookThrough, maskFile } from './mask-file.ts'
import { openProgress } from './progress.ts'

/** What a person finds beside a file: what became of it, why, and what to do next. */
export interface FileResult {
  id: string
  name: string
  outcome: Outcome
  bytes: number
  /** Of the file as it came. */
  sha256?: string
  source?: string
  /** Card numbers were masked: the file beside is no longer what was dropped. */
  masked?: true
  takenAt: string
  slices: number
  recorded: number
  duplicates: number
  quarantined: number
  conflicts: number
  refused: number
  noted: number
  what?: string
  why?: string
  next?: string
  errors?: string
}

export function resultFile(layout: Layout, id: string, outcome: Outcome): string {
  return join(layout.of(outcome), `${id}.json`)
}

/** Puts a judged file away. Every step may be done again after a crash; the job goes last. */
export async function putAway(layout: Layout, ledger: Ledger, judged: Job): Promise<FileResult> {
  const job = await withoutCardNumbers(layout, judged)
  const { id, verdict } = job
  const outcome = verdict?.outcome ?? 'held'
  const folder = layout.of(outcome)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  const result = await resultOf(layout, job, outcome)
  await writeDurably(folder, basename(resultFile(layout, id, outcome)), `${JSON.stringify(result, null, 2)}\n`)
  if (outcome === 'done' && job.sha256 !== undefined) {
    await ledger.add({ id, sha256: job.sha256, nameHash: job.nameHash })
  }
  if (result.errors === undefined) await rm(layout.errors(id), { force: true })
  else await rename(layout.errors(id), join(folder, result.errors)).catch(unlessAbsent)
  await rename(layout.manifest(id), join(folder, `${id}.manifest.json`)).catch(unlessAbsent)
  await rename(layout.data(id), join(folder, `${id}-${job.name}`)).catch(unlessAbsent)
  await syncDirectory(folder)
  await removeJob(layout, id)
  return result
}

/**
 * What lies there for years is a masked copy. The hub was sent the file as it came, so that it masks, and says so, itself. A file that
 * somebody may still write to stays as it is.
 */
async function withoutCardNumbers(layout: Layout, job: Job): Promise<Job> {
  const file = layout.data(job.id)
  if (job.verdict?.code === 'file-changed' || !(await isPlainFile(file).catch(unlessAbsent))) return job
  const known = job.holdsCardNumbers === undefined ? { ...job, ...(await lookThrough(file)) } : job
  // Before it is masked, so that a crash in between does not make it look as if nothing had been in it.
  if (known !== job) await writeJob(layout, known)
  if (known.holdsCardNumbers) await maskFile(file)
  return known
}

async function resultOf(layout: Layout, job: Job, outcome: Outcome): Promise<FileResult> {
  const { id, name, bytes, sha256, source, takenAt, verdict } = job
  // The list may have been put away before a crash.
  const listed = join(layout.of(outcome), `${id}.errors.ndjson`)
  const isListed = await stat(listed).then(() => true, unlessAbsent)
  const log = isListed ? undefined : await openProgress(layout.progress(id), layout.errors(id))
  await log?.close()
  const counts = log?.last
  const [, what, next] = problemCodes[verdict?.code as ProblemCode] ?? []
  return {
    id,
    name,
    outcome,
    bytes,
    ...(sha256 !== undefined && { sha256 }),
    ...(source !== undefined && { source }),
    ...(job.holdsCardNumbers && { masked: true as const }),
    takenAt,
    slices: counts?.slices ?? 0,
    recorded: counts?.recorded ?? 0,
    duplicates: counts?.duplicates ?? 0,
    quarantined: counts?.quarantined ?? 0,
    conflicts: counts?.conflicts ?? 0,
    refused: counts?.refused ?? 0,
    noted: counts?.noted ?? 0,
    ...(verdict?.code !== undefined && { what: verdict.code, why: verdict.detail ?? what ?? verdict.code }),
    ...(next !== undefined && { next }),
    ...((isListed || (counts?.errorsCount ?? 0) > 0) && { errors: `${id}.errors.ndjson` }),
  }
}
