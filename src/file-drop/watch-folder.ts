import { lstat, mkdir, stat } from 'node:fs/promises'
import { Problem } from '../contract/problem.ts'
import { removeLeftBehind, unlessAbsent } from '../durable-files/write-durably.ts'
import { type Job, readJobs, removeJob } from './job.ts'
import { layoutOf, outcomes } from './layout.ts'
import { openLedger } from './ledger.ts'
import { lockFolder } from './lock-folder.ts'
import { type FileContext, type FileOptions, processFile } from './process-file.ts'
import { type FileResult, putAway, resultFile } from './put-away.ts'
import { FolderScanner, type Found } from './scan-folder.ts'
import type { SendContext } from './send-part.ts'
import { hasManifest, takeFile } from './take-file.ts'

export interface WatchOptions extends FileOptions {
  directory: string
  /** How long a file must stand still before it is taken. */
  stableMs: number
  intervalMs: number
  /** A file waits until its manifest is there. */
  needsManifest: boolean
  /** Ends when everything that is there and stands still has been dealt with. */
  once: boolean
  onResult(result: FileResult): void
}

/**
 * Takes the files of a folder one after the other and sends them. First it goes on with what an earlier process left. Polling on
 * purpose: notices of the file system get lost on network drives and differ on each system. Resolves with the number of files that
 * were still growing, when it is told to stop or there is nothing left.
 */
export async function watchFolder(options: WatchOptions, send: SendContext): Promise<{ growing: number }> {
  const layout = layoutOf(options.directory)
  const folders = [layout.work, ...outcomes.map(layout.of)]
  await makeFolders(options.directory, folders)
  const unlock = await lockFolder(layout)
  try {
    for (const folder of folders) await removeLeftBehind(folder, send.clock.now())
    const context: FileContext = { layout, ledger: await openLedger(layout), options, send }
    for (const job of await readJobs(layout)) await goOn(job, context, options)
    return await scanAgainAndAgain(context, options)
  } catch (error) {
    // A part that was on its way when somebody said stop: the next watch sends it.
    if (send.signal.aborted) return { growing: 0 }
    throw error
  } finally {
    await unlock()
  }
}

async function scanAgainAndAgain(context: FileContext, options: WatchOptions): Promise<{ growing: number }> {
  const { clock, signal } = context.send
  const scanner = new FolderScanner(options.directory, options.stableMs)
  const endAtMs = clock.now() + options.stableMs
  for (;;) {
    const isLast = options.once && clock.now() >= endAtMs
    const { ready, growing } = await scanner.scan(clock.now())
    let taken = 0
    for (const found of ready) {
      if (signal.aborted) break
      if (await takeAndSend(found, context, options)) taken += 1
    }
    if (signal.aborted || (isLast && taken === 0)) return { growing }
    if (taken === 0)
      await clock.sleep(options.once ? Math.min(options.intervalMs, options.stableMs) : options.intervalMs, signal)
  }
}

async function takeAndSend(found: Found, context: FileContext, options: WatchOptions): Promise<boolean> {
  const { layout, send } = context
  const waits = options.needsManifest && !found.fault && !(await hasManifest(layout, found.name ?? ''))
  if (waits) return false
  const job = await takeFile(layout, found, send.clock)
  if (!job) return false
  await goOn(job, context, options)
  return true
}

async function goOn(job: Job, context: FileContext, options: WatchOptions): Promise<void> {
  const { layout, ledger } = context
  const isThere = (path: string) => lstat(path).then(() => true, unlessAbsent)
  const isBeingPutAway = job.verdict !== undefined && (await isThere(resultFile(layout, job.id, job.verdict.outcome)))
  // Killed before it was taken: it still lies in the folder.
  if (!(await isThere(layout.data(job.id))) && !isBeingPutAway) return removeJob(layout, job.id)
  options.onResult(await putAway(layout, ledger, await processFile(job, context)))
}

async function makeFolders(directory: string, folders: readonly string[]): Promise<void> {
  const isDirectory = await stat(directory).then((one) => one.isDirectory(), unlessAbsent)
  if (!isDirectory) throw new Problem('folder-unusable', 'It is not a directory.')
  for (const folder of folders) {
    await mkdir(folder, { recursive: true, mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
      throw new Problem('folder-unusable', `A folder in it cannot be made (${error.code}).`, { cause: error })
    })
  }
}
