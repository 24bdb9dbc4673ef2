import { Problem } from '../contract/problem.ts'
import type { Subject } from '../privacy/erasure/subject.ts'

const lengthMax = 1_000

/** The person of an argument; `-` reads the name from standard input, so that no list of processes and no history of a shell shows it. */
export async function subjectOfArgument(text: string | undefined): Promise<Subject> {
  const { readSubject } = await import('../privacy/erasure/subject.ts')
  if (text === undefined)
    throw new Problem('settings-invalid', 'Name a person: customer:ID, loyalty:ID, or - to read it.')
  return readSubject(text === '-' ? await readInput() : text)
}

async function readInput(): Promise<string> {
  let text = ''
  for await (const piece of process.stdin) {
    text += String(piece)
    if (text.length > lengthMax) break
  }
  return text
}
