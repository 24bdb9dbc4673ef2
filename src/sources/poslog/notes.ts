import type { ProblemCode } from '../../contract/problem.ts'
import type { Finding } from '../../domain/finding.ts'
import type { Extensions } from '../../domain/transaction/scalars.ts'
import { localPart } from './element.ts'
import { unknownValuesMax } from './limits.ts'

/** A transaction that is well-formed XML and still cannot be represented: becomes `unreadable`. */
export class Unrepresentable extends Error {
  override readonly name = 'Unrepresentable'
  readonly problem: ProblemCode

  constructor(problem: ProblemCode, detail: string) {
    super(detail)
    this.problem = problem
  }
}

/** What a reader notices on its way through one transaction. */
export interface Notes {
  findings: Finding[]
  unknownValues: string[]
}

/** A vendor's word is short and plain. Free text may be about a person, and does not belong into a metric either. */
const wordPattern = /^[\w:.+/-]{1,64}$/

export function isVendorWord(text: string): boolean {
  return wordPattern.test(text)
}

/**
 * Our code for a vendor's word. A standard word under a vendor's prefix (`X:TransactionTaxIncluded`) means what it says; a word that
 * nobody knows is kept under its element's name and listed.
 */
export function readWord<Code>(
  word: string | undefined,
  known: ReadonlyMap<string, Code>,
  place: { name: string; notes: Notes; extended: { extensions?: Extensions } },
): Code | undefined {
  if (word === undefined) return undefined
  const code = known.get(word) ?? known.get(localPart(word))
  if (code === undefined) keepWord(word, place)
  return code
}

export function keepWord(
  word: string,
  { name, notes, extended }: { name: string; notes: Notes; extended: { extensions?: Extensions } },
): void {
  if (!isVendorWord(word)) return
  extend(extended, name, word)
  if (notes.unknownValues.length < unknownValuesMax) notes.unknownValues.push(`${name}=${word}`)
}

export function extend(extended: { extensions?: Extensions }, name: string, value: unknown): void {
  if (value === undefined) return
  extended.extensions ??= {}
  extended.extensions[name] = value
}
