import { createHash } from 'node:crypto'
import { lstat, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../contract/clock.ts'
import { syncDirectory, unlessAbsent } from '../durable-files/write-durably.ts'
import { harmlessName } from '../privacy/harmless-name.ts'
import { type Job, removeJob, writeJob } from './job.ts'
import { type Layout, newFileId } from './layout.ts'
import type { Found } from './scan-folder.ts'

/** A manifest is a few words. */
const manifestBytesMax = 65_536

/**
 * Takes a file out of the folder under a name of our own. What is known of it is written first: a file in `work` without a job would
 * belong to nobody. undefined: it is gone, or somebody still holds it (Windows).
 */
export async function takeFile(layout: Layout, found: Found, clock: Clock): Promise<Job | undefined> {
  const id = newFileId(clock.now())
  const { fault } = found
  const job: Job = {
    id,
    name: harmlessName(found.name ?? found.path.subarray(layout.directory.length + 1).toString('latin1')),
    nameHash: createHash('sha256').update(found.path).digest('hex'),
    takenAt: new Date(clock.now()).toISOString(),
    bytes: found.bytes,
    ...(fault && { verdict: { outcome: 'rejected' as const, code: fault } }),
  }
  await writeJob(layout, job)
  if (!(await move(found.path, layout.data(id)))) {
    await removeJob(layout, id)
    return undefined
  }
  if (found.name !== undefined && !fault) await takeManifest(layout, found.name, id)
  await syncDirectory(layout.work)
  await syncDirectory(layout.directory)
  return job
}

/** Whether a manifest lies beside the file. */
export async function hasManifest(layout: Layout, name: string): Promise<boolean> {
  const stat = await lstat(join(layout.directory, `${name}.manifest.json`)).catch(unlessAbsent)
  return stat?.isFile() ?? false
}

async function takeManifest(layout: Layout, name: string, id: string): Promise<void> {
  const path = join(layout.directory, `${name}.manifest.json`)
  const stat = await lstat(path).catch(unlessAbsent)
  if (stat?.isFile() && stat.nlink <= 1 && stat.size <= manifestBytesMax)
    await move(Buffer.from(path), layout.manifest(id))
}

const notNow = new Set(['ENOENT', 'EBUSY', 'EPERM', 'EACCES'])

async function move(from: Buffer, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if (notNow.has((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}
