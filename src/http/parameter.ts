import { Problem, type ProblemCode } from '../contract/problem.ts'

/** A parameter of a query: one statement for the server that checks it and the API document that describes it. */
export interface Parameter<Value> {
  name: string
  description: string
  /** JSON Schema of the value. */
  schema: Record<string, unknown>
  required?: boolean
  /** What the sender is told when the value is not as described. */
  problem: ProblemCode
  /** The value of a text; undefined: it is none. */
  read(text: string): Value | undefined
}

export function textParameter(name: string, { pattern, required = false, ...words }: TextWords): Parameter<string> {
  const shape = new RegExp(pattern ?? '')
  const read = (text: string) => (shape.test(text) ? text : undefined)
  return { name, schema: { type: 'string', ...(pattern && { pattern }) }, required, read, ...words }
}

interface TextWords {
  description: string
  problem: ProblemCode
  pattern?: string
  required?: boolean
}

export function integerParameter(name: string, words: IntegerWords): Parameter<number> {
  const { minimum, maximum, description, problem } = words
  const read = (text: string) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= minimum && value <= maximum ? value : undefined
  }
  return { name, description, schema: { type: 'integer', minimum, maximum, default: words.default }, problem, read }
}

interface IntegerWords {
  description: string
  problem: ProblemCode
  minimum: number
  maximum: number
  default: number
}

/** Undefined where it was not sent. Throws the parameter's problem where it is not as described, or was sent twice. */
export function readParameter<Value>(query: unknown, parameter: Parameter<Value>): Value | undefined {
  const text = (query as Record<string, unknown>)[parameter.name]
  if (text === undefined) return undefined
  const value = typeof text === 'string' ? parameter.read(text) : undefined
  if (value === undefined) throw new Problem(parameter.problem)
  return value
}
