import { isAsciiDigit, readAtom } from './atoms.ts'

/** Digits without anything between them. `start` and `end` are places in the text. */
export interface DigitGroup {
  start: number
  end: number
  /** The digits in ASCII. */
  digits: string
  /** The separator before this group; 0 for the first of a run. */
  separator: number
}

/** Groups joined by single separators, and where the text goes on. */
export interface DigitRun {
  groups: DigitGroup[]
  end: number
}

/** Reads the longest run that starts at `at`; `undefined` where no digit stands. */
export function readRun(text: string, at: number): DigitRun | undefined {
  const groups: DigitGroup[] = []
  let next = at
  let separator = 0
  let end = at
  for (;;) {
    const group = readGroup(text, next, separator)
    if (group === undefined) break
    groups.push(group)
    end = group.end
    const between = readAtom(text, end)
    if (between === undefined) break
    separator = between.separator
    next = end + between.length
  }
  return groups.length > 0 ? { groups, end } : undefined
}

function readGroup(text: string, start: number, separator: number): DigitGroup | undefined {
  let end = start
  while (isAsciiDigit(text.charCodeAt(end))) end += 1
  let digits = text.slice(start, end)
  for (;;) {
    const atom = readAtom(text, end)
    if (atom === undefined || atom.digit === -1) break
    digits += atom.digit
    end += atom.length
  }
  return digits === '' ? undefined : { start, end, digits, separator }
}
