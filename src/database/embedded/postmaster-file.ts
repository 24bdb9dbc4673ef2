import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { identifyProcess, isProcessRunning, type ProcessIdentity, readWorkingDirectory } from '../process-identity.ts'

/** A server that runs on a cluster, as PostgreSQL itself wrote it down. */
export interface RunningPostmaster {
  process: ProcessIdentity
  port: number
}

/**
 * The server that `postmaster.pid` names, or `undefined` when none runs: line 1 is the pid, line 4 the port.
 * A file whose pid now belongs to another program is removed; PostgreSQL itself would refuse to start because of it.
 */
export async function findPostmaster(clusterDirectory: string): Promise<RunningPostmaster | undefined> {
  const file = join(clusterDirectory, 'postmaster.pid')
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  const identity = identifyProcess(pid)
  if (!isProcessRunning(identity)) return undefined
  // The server works in its cluster, also after the cluster was moved to another path.
  const workingDirectory = readWorkingDirectory(pid)
  if (workingDirectory !== undefined && workingDirectory !== (await realpath(clusterDirectory))) {
    await rm(file, { force: true })
    return undefined
  }
  return { process: identity, port }
}
