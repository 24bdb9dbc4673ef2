import { printLine } from './print.ts'

interface Pausable {
  name: string
  pause?: { reason: string; since: Date }
}

/** Says of every paused target why, since when, and how it goes on. */
export function printPauses(targets: readonly Pausable[]): void {
  for (const { name, pause } of targets) {
    if (pause)
      printLine(`${name} is paused since ${pause.since.toISOString()}: ${pause.reason} (tillflow resume ${name})`)
  }
}
