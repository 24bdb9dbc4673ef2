import { lstat } from 'node:fs/promises'
import type { ProblemCode } from '../contract/problem.ts'
import { addCounts, countSlices, hasTooManyBad, isBadSlice, qualitySlicesMin } from '../contract/slice-quality.ts'
import { findMismatch, type Inspected } from './control-totals.ts'
import { cutLines } from './cut-lines.ts'
import { cutXml } from './cut-xml.ts'
import { type Job, type Verdict, writeJob } from './job.ts'
import type { Layout } from './layout.ts'
import type { Ledger } from './ledger.ts'
import { isPlainFile, lookThrough } from './mask-file.ts'
import { type Part, type PartLimits, partLimits } from './part.ts'
import type { SliceAnswer } from './post-document.ts'
import { openProgress, type Progress, type ProgressLog } from './progress.ts'
import { type SendContext, sendPart } from './send-part.ts'

/** How a source's file is cut: between lines, between elements, or not at all. */
export type Form = 'lines' | 'xml' | 'whole'

export interface Recognised {
  source: string
  mediaType: string
  form: Form
}

export interface FileOptions {
  bytesMax: number
  /** Share of bad slices, from 0 to 1, above which a file is stopped. */
  badShareMax: number
  sameName: 'hold' | 'accept'
  limits?: PartLimits
  /** What the file is; undefined where nobody knows. */
  recognise(file: string, name: string): Promise<Recognised | undefined>
  /** Reads all of it without sending, for its control totals. */
  inspect(file: string, source: string): Promise<Inspected>
}

export interface FileContext {
  layout: Layout
  ledger: Ledger
  options: FileOptions
  send: SendContext
}

/** Sends a taken file from where it was left, and judges it. The verdict is written before anything is put away. */
export async function processFile(job: Job, context: FileContext): Promise<Job> {
  if (job.verdict) return job
  const { layout } = context
  const judged = (await isPlainFile(layout.data(job.id)))
    ? await judge(await identify(job, context), context)
    : { ...job, verdict: { outcome: 'rejected' as const, code: 'file-not-plain' } }
  await writeJob(layout, judged)
  return judged
}

async function judge(job: Job, context: FileContext): Promise<Job> {
  return { ...job, verdict: (await refuseFirst(job, context)) ?? (await sendAll(job, context)) }
}

/** The hash is taken once; a watch that was killed goes on with it. */
async function identify(job: Job, { layout, options }: FileContext): Promise<Job> {
  if (job.sha256 !== undefined || job.bytes > options.bytesMax) return job
  const looked = await lookThrough(layout.data(job.id))
  const recognised = await options.recognise(layout.data(job.id), job.name)
  const known = { ...job, ...looked, ...(recognised && { source: recognised.source }) }
  await writeJob(layout, known)
  return known
}

async function refuseFirst(job: Job, { layout, ledger, options }: FileContext): Promise<Verdict | undefined> {
  const { id, sha256 = '', source } = job
  const rejected = (code: ProblemCode): Verdict => ({ outcome: 'rejected', code })
  if (job.bytes > options.bytesMax) return rejected('file-too-large')
  if (job.bytes === 0) return rejected('file-empty')
  if (await hasChanged(layout, job)) return { outcome: 'held', code: 'file-changed' }
  if (ledger.byContent(sha256)) return rejected('duplicate-file')
  if (options.sameName === 'hold' && ledger.byName(job.nameHash)) return { outcome: 'held', code: 'file-name-conflict' }
  if (source === undefined) return rejected('unknown-source')
  const detail = await findMismatch(layout, id, sha256, () => options.inspect(layout.data(id), source))
  return detail === undefined ? undefined : { outcome: 'held', code: 'control-total-mismatch', detail }
}

async function sendAll(job: Job, context: FileContext): Promise<Verdict> {
  const { layout, options, send } = context
  const { badShareMax } = options
  const file = layout.data(job.id)
  const recognised = await options.recognise(file, job.name)
  if (!recognised) return { outcome: 'rejected', code: 'unknown-source' }
  const log = await openProgress(layout.progress(job.id), layout.errors(job.id))
  try {
    const isBatch = recognised.form === 'lines' && recognised.source === 'tillflow'
    for await (const part of cut(file, job.bytes, recognised.form, log.last, options.limits ?? partLimits)) {
      const { answers, refusal } = part.isOversized
        ? { answers: [{ code: 'payload-too-large' }], refusal: undefined }
        : await sendPart({ file, part, isBatch, ...recognised }, send)
      await log.advance(...reckon(log.last, part, answers))
      if (refusal) return refused(refusal)
      if (hasTooManyBad(log.last, badShareMax, qualitySlicesMin)) return { outcome: 'held', code: 'file-quality' }
    }
    if (await hasChanged(layout, job)) return { outcome: 'held', code: 'file-changed' }
    return hasTooManyBad(log.last, badShareMax, 1) ? { outcome: 'held', code: 'file-quality' } : { outcome: 'done' }
  } finally {
    await log.close()
  }
}

function cut(file: string, bytes: number, form: Form, last: Progress, limits: PartLimits): AsyncIterable<Part> {
  if (form === 'lines') return cutLines(file, last, limits)
  if (form === 'xml') return cutXml(file, bytes, last, limits)
  return (async function* () {
    if (last.offset < bytes) yield { from: 0, to: bytes, head: '', tail: '', slices: undefined, lines: 0 }
  })()
}

/** Counts the answers to a part, and names what was bad in it by its place in the file. */
function reckon(last: Progress, part: Part, answers: readonly SliceAnswer[]): Parameters<ProgressLog['advance']> {
  const errors = answers.flatMap((answer, index) => {
    if (!isBadSlice(answer)) return []
    const line = part.lineNumbers?.[index]
    const { kind, code, detail } = answer
    return [
      { slice: last.slices + index + 1, ...(line !== undefined && { line }), kind: kind ?? 'refused', code, detail },
    ]
  })
  const next = {
    offset: part.to,
    slices: last.slices + answers.length,
    lines: part.lines,
    ...addCounts(last, countSlices(answers)),
  }
  return [next, errors]
}

/** What came before the break stays recorded. */
function refused({ code = 'request-malformed', detail }: SliceAnswer): Verdict {
  return { outcome: 'rejected', code, ...(detail !== undefined && { detail }) }
}

async function hasChanged(layout: Layout, { id, bytes }: Job): Promise<boolean> {
  return (await lstat(layout.data(id))).size !== bytes
}
