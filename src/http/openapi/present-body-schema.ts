import type { AnswerDescription } from './operation.ts'

/** The schema that a body is read by, as JSON Schema says it: Ajv's `nullable` is a second type. */
export function presentBodySchema(schema: object): object {
  return present(schema) as object
}

/** Whether nothing at all may be sent: an empty body is `{}`, and no field is demanded. */
export function isOptionalBody(content: AnswerDescription['content']): boolean {
  return Object.values(content).every(
    (what) => typeof what === 'object' && (what.schema as { required?: unknown[] }).required?.length === 0,
  )
}

function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present)
  if (value === null || typeof value !== 'object') return value
  const { nullable, ...rest } = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, present(member)]))
  return nullable === true ? { ...rest, type: [rest.type, 'null'] } : rest
}
