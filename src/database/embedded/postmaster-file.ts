import { readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  identifyProcess,
  isProcessRunning,
  isZombie,
  type ProcessIdentity,
  readWorkingDirectory,
} from '../process-identity.ts'

/** A server that runs on a cluster, as PostgreSQL itself wrote it down. */
export interface RunningPostmaster {
  process: ProcessIdentity
  port: number
}

/**
 * The server that `postmaster.pid` names, or `undefined` when none runs: line 1 is the pid, line 4 the port.
 * A file whose pid is a zombie or now belongs to another program is removed; PostgreSQL itself would refuse to start because
 * of it. Sessions that outlive their server are still noticed then, by the shared memory of the directory.
 */
export async function findPostmaster(clusterDirectory: string): Promise<RunningPostmaster | undefined> {
  const file = join(clusterDirectory, 'postmaster.pid')
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!Number.isInteger(pid) || pid <= 1) return undefined
  const identity = identifyProcess(pid)
  if (!isProcessRunning(identity)) {
    // In a container whose first process does not reap orphans a zombie stays for ever, and PostgreSQL takes it for alive.
    if (isZombie(pid)) await rm(file, { force: true })
    return undefined
  }
  // The server works in its cluster, also after the cluster was moved to another path.
  const workingDirectory = readWorkingDirectory(pid)
  if (workingDirectory !== undefined && workingDirectory !== (await realpath(clusterDirectory))) {
    await rm(file, { force: true })
    return undefined
  }
  return { process: identity, port }
}
