import { readFileSync, readlinkSync } from 'node:fs'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  pid: number
  /** Boot and start time in clock ticks; absent where the system has no /proc. */
  startedAt?: string
}

export function identifyProcess(pid: number): ProcessIdentity {
  const startedAt = readStat(pid)?.startedAt
  return startedAt === undefined ? { pid } : { pid, startedAt }
}

/** Whether exactly this process still runs: a reused pid and a zombie that nobody has reaped yet count as gone. */
export function isProcessRunning(identity: ProcessIdentity): boolean {
  if (!answersSignal(identity.pid)) return false
  const stat = readStat(identity.pid)
  if (stat === undefined) return true
  if (isEnded(stat.state)) return false
  return identity.startedAt === undefined || identity.startedAt === stat.startedAt
}

/** Whether a process has ended and waits for its parent to notice; signals still seem to reach it. */
export function isZombie(pid: number): boolean {
  const stat = readStat(pid)
  return stat !== undefined && isEnded(stat.state)
}

function isEnded(state: string): boolean {
  return state === 'Z' || state === 'X'
}

/** The working directory of a process, or `undefined` where it cannot be read. */
export function readWorkingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function readStat(pid: number): { state: string; startedAt: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    const [state = '', ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // The ticks count from boot, so that the same number may come again after a restart of the machine.
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return { state, startedAt: `${bootId}/${others[18] ?? ''}` }
  } catch {
    return undefined
  }
}
