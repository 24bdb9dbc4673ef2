import type { Direction, Grade } from './change.ts'
import type { JsonSchema } from './json-schema.ts'

/** A way to change one place of a schema, and what the gate must say of it at least. */
export interface Mutation {
  name: string
  expected: Record<Direction, Grade>
  /** Whether there is something here to change in this way. */
  applies(schema: JsonSchema): boolean
  change(schema: JsonSchema): void
}

const freshName = 'neverSeenBefore'
const optionalOf = ({ properties = {}, required = [] }: JsonSchema) =>
  Object.keys(properties).filter((name) => !required.includes(name))
const isText = ({ type }: JsonSchema) => type === 'string'
const hasFields = ({ properties }: JsonSchema) => Object.keys(properties ?? {}).length > 0

/** Additions, which must never be called breaking. */
export const additions: readonly Mutation[] = [
  {
    name: 'an optional field is added',
    expected: { input: 'compatible', output: 'compatible' },
    applies: hasFields,
    change: (schema) => {
      schema.properties = { ...schema.properties, [freshName]: { type: 'string', maxLength: 9 } }
    },
  },
  {
    name: 'a description is rewritten',
    expected: { input: 'compatible', output: 'compatible' },
    applies: () => true,
    change: (schema) => {
      schema.description = 'In other words.'
    },
  },
  {
    name: 'a word is added',
    expected: { input: 'compatible', output: 'warning' },
    applies: (schema) => schema.enum !== undefined,
    change: (schema) => {
      schema.enum = [...(schema.enum ?? []), 'NEVER_SEEN_BEFORE']
    },
  },
]

/** Changes that break clients, consumers or both. */
export const breakages: readonly Mutation[] = [
  {
    name: 'a field is removed',
    expected: { input: 'breaking', output: 'breaking' },
    applies: hasFields,
    change: (schema) => {
      const [name = '', ...others] = Object.keys(schema.properties ?? {}).reverse()
      schema.properties = Object.fromEntries(others.map((one) => [one, schema.properties?.[one] ?? {}]))
      schema.required = (schema.required ?? []).filter((one) => one !== name)
    },
  },
  {
    name: 'a required field is added',
    expected: { input: 'breaking', output: 'compatible' },
    applies: hasFields,
    change: (schema) => {
      schema.properties = { ...schema.properties, [freshName]: {} }
      schema.required = [...(schema.required ?? []), freshName]
    },
  },
  {
    name: 'an optional field becomes required',
    expected: { input: 'breaking', output: 'compatible' },
    applies: (schema) => optionalOf(schema).length > 0,
    change: (schema) => {
      schema.required = [...(schema.required ?? []), ...optionalOf(schema).slice(0, 1)]
    },
  },
  {
    name: 'a required field becomes optional',
    expected: { input: 'compatible', output: 'breaking' },
    applies: (schema) => hasFields(schema) && (schema.required ?? []).length > 0,
    change: (schema) => {
      schema.required = schema.required?.slice(1) ?? []
    },
  },
  {
    name: 'a type is another',
    expected: { input: 'breaking', output: 'breaking' },
    applies: ({ type }) => typeof type === 'string',
    change: (schema) => {
      schema.type = schema.type === 'boolean' ? 'string' : 'boolean'
    },
  },
  {
    name: 'null is allowed',
    expected: { input: 'compatible', output: 'breaking' },
    applies: ({ type }) => typeof type === 'string',
    change: (schema) => {
      schema.type = [String(schema.type), 'null']
    },
  },
  {
    name: 'a word is removed',
    expected: { input: 'breaking', output: 'compatible' },
    applies: ({ enum: words }) => (words?.length ?? 0) > 1,
    change: (schema) => {
      schema.enum = schema.enum?.slice(1) ?? []
    },
  },
  {
    name: 'there is less room',
    expected: { input: 'breaking', output: 'compatible' },
    applies: (schema) => isText(schema),
    change: (schema) => {
      schema.maxLength = (typeof schema.maxLength === 'number' ? schema.maxLength : 100) - 1
    },
  },
  {
    name: 'there is more room',
    expected: { input: 'compatible', output: 'breaking' },
    applies: ({ maxLength }) => typeof maxLength === 'number',
    change: (schema) => {
      schema.maxLength = Number(schema.maxLength) + 1
    },
  },
  {
    name: 'a form is another',
    expected: { input: 'breaking', output: 'breaking' },
    applies: ({ pattern }) => pattern !== undefined,
    change: (schema) => {
      schema.pattern = `${schema.pattern}?`
    },
  },
  {
    name: 'unknown fields are refused',
    expected: { input: 'breaking', output: 'compatible' },
    applies: hasFields,
    change: (schema) => {
      schema.additionalProperties = false
    },
  },
]
