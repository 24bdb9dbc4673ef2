import type { ProblemCode } from '../../contract/problem.ts'

/** An object of a Square document; every number in it is the text that stood there. */
export type Fields = Readonly<Record<string, unknown>>

/** Why no fact can be made of an object: it is kept in quarantine. The detail names the field, never its value. */
export class Unreadable extends Error {
  readonly problem: ProblemCode

  constructor(problem: ProblemCode, detail: string) {
    super(detail)
    this.problem = problem
  }
}

export function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** A text; undefined where it is missing, null or empty (Square writes "" for nobody). */
export function text(of: Fields | undefined, name: string): string | undefined {
  const value = of?.[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new Unreadable('schema-violation', `${name} is not a text.`)
  if (value.includes('\0')) throw new Unreadable('invalid-character', `${name} contains U+0000.`)
  return value
}

export function neededText(of: Fields, name: string): string {
  const value = text(of, name)
  if (value === undefined) throw new Unreadable('schema-violation', `${name} is missing.`)
  return value
}

/** Text for people, cut to what the model keeps. */
export function shortText(of: Fields | undefined, name: string, lengthMax = 1024): string | undefined {
  return text(of, name)?.slice(0, lengthMax)
}

export function child(of: Fields | undefined, name: string): Fields | undefined {
  const value = of?.[name]
  if (value === undefined || value === null) return undefined
  if (!isFields(value)) throw new Unreadable('schema-violation', `${name} is not an object.`)
  return value
}

export function children(of: Fields | undefined, name: string): Fields[] {
  const value = of?.[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every(isFields))
    throw new Unreadable('schema-violation', `${name} is not a list of objects.`)
  return value
}

/** The members that say something. */
export function defined<Members extends object>(
  members: Members,
): { [Name in keyof Members]: Exclude<Members[Name], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}
