import { readFileSync } from 'node:fs'

/** Of `/proc` on Linux, where it is a hundredth of a second on every usual kernel. */
export const tickMs = 10

/** CPU time that a process has spent so far, all threads, in user and system mode. 0: it is gone. */
export function cpuMsOf(pid: number): number {
  const stat = readStat(pid)
  return (Number(stat?.[11] ?? 0) + Number(stat?.[12] ?? 0)) * tickMs
}

/** The fields after the program's name: state, parent, ... (proc(5)). */
export function readStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
