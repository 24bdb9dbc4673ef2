import { readFileSync } from 'node:fs'
import type { Program } from './program.ts'

const everyMs = 100

/** Memory of a process in MiB, as the system counts it; 0 of one that has ended. */
function residentMebibytes(program: Program): number {
  try {
    const text = readFileSync(`/proc/${program.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) / 1_024
  } catch {
    return 0
  }
}

/** The highest memory of each process while `work` goes on, in MiB. */
export async function peakOf(programs: readonly Program[], work: () => Promise<void>): Promise<number[]> {
  const highest = programs.map(residentMebibytes)
  const timer = setInterval(() => {
    programs.forEach((program, index) => {
      highest[index] = Math.max(highest[index] ?? 0, residentMebibytes(program))
    })
  }, everyMs)
  await work().finally(() => clearInterval(timer))
  return highest
}
