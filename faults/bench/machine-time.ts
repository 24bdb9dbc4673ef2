import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** Of the kernel's accounts; the same on every Linux. */
const ticksPerSecond = 100

interface ProcessTimes {
  parent: number
  /** Of the process and of its children that have ended. */
  seconds: number
}

/**
 * Measures how long a piece of work had the machine for itself: the time that passed without what other programs took of it. Where
 * a machine is shared, this says of two pieces of work which one was slower; their times do not. `roots` and all that they started are the
 * work's own.
 */
export function startMachineTime(roots: readonly number[]): () => number {
  const startedAt = performance.now()
  const busyBefore = busySeconds()
  const ownBefore = ownSeconds(roots)
  return () => {
    const seconds = (performance.now() - startedAt) / 1_000
    const others = Math.max(0, busySeconds() - busyBefore - (ownSeconds(roots) - ownBefore))
    // A tick here or there must not make it nothing.
    return Math.max(seconds - others / availableParallelism(), seconds / 100)
  }
}

/** What all programs together have had of all processors. */
function busySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  return (user + nice + system + interrupts + softInterrupts + stolen) / ticksPerSecond
}

function ownSeconds(roots: readonly number[]): number {
  const all = readProcesses()
  const isOwn = (pid: number): boolean => {
    if (roots.includes(pid)) return true
    const parent = all.get(pid)?.parent
    return parent !== undefined && parent > 0 && isOwn(parent)
  }
  return [...all].reduce((sum, [pid, { seconds }]) => (isOwn(pid) ? sum + seconds : sum), 0)
}

function readProcesses(): Map<number, ProcessTimes> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return new Map(
    pids.flatMap((name): [number, ProcessTimes][] => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8')
        // After the name, which may hold anything: the state, the parent; eleven fields on user, system and children's times.
        const [, parent = 0, ...rest] = text
          .slice(text.lastIndexOf(')') + 2)
          .split(' ')
          .map(Number)
        const ticks = rest.slice(9, 13).reduce((sum, one) => sum + one, 0)
        return [[Number(name), { parent, seconds: ticks / ticksPerSecond }]]
      } catch {
        // It has ended meanwhile.
        return []
      }
    }),
  )
}
