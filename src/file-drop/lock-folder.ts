import { open, readFile, rm } from 'node:fs/promises'
import { Problem } from '../contract/problem.ts'
import { identifyProcess, isProcessRunning, type ProcessIdentity } from '../database/process-identity.ts'
import { unlessAbsent } from '../durable-files/write-durably.ts'
import type { Layout } from './layout.ts'

/** Takes the folder for this process; what a killed one left is no hindrance. Throws Problem `folder-in-use`. */
export async function lockFolder({ lock }: Layout): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = await open(lock, 'wx', 0o640)
      await handle.writeFile(JSON.stringify(identifyProcess(process.pid)))
      await handle.close()
      return () => rm(lock, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (await isHeld(lock)) break
      await rm(lock, { force: true })
    }
  }
  throw new Problem('folder-in-use')
}

async function isHeld(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(unlessAbsent)
  if (text === undefined) return false
  try {
    const holder = JSON.parse(text) as ProcessIdentity
    return holder.pid !== process.pid && isProcessRunning(holder)
  } catch {
    // Killed between making and writing it.
    return false
  }
}
