import { printLine } from './print.ts'

interface Pausable {
  name: string
  pause?: { reason: string; since: Date }
  drain?: { reason: string; since: Date }
}

/** Says of every target that is paused or draining why, since when, and how it goes on. */
export function printPauses(targets: readonly Pausable[]): void {
  for (const { name, pause, drain } of targets) {
    const stop = pause ?? drain
    const what = pause ? 'is paused' : 'is draining'
    if (stop) printLine(`${name} ${what} since ${stop.since.toISOString()}: ${stop.reason} (tillflow resume ${name})`)
  }
}
