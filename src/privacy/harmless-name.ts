import { maskCardNumbers } from './card-numbers/mask-card-numbers.ts'

/** What of a name that a sender gave a file may stand in a name of ours, a list and a report. */
export function harmlessName(name: string): string {
  return (
    maskCardNumbers(name)
      .text.replace(/[^A-Za-z0-9._-]/g, '_')
      .replace(/^[-.]+/, '_')
      .slice(0, 80) || '_'
  )
}
