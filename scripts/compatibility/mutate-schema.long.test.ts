import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Direction, Grade } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'
import type { JsonSchema } from './json-schema.ts'
import { additions, breakages, type Mutation } from './mutate-schema.ts'
import { promisedSchemas } from './promised-schemas.ts'

const root = join(import.meta.dirname, '../..')
const schemas = promisedSchemas.map(({ name, presentPath }) => ({
  name,
  schema: JSON.parse(readFileSync(join(root, presentPath), 'utf8')) as JsonSchema,
}))

/** Every place of a schema where a rule may stand, in the same order for equal schemas. */
function placesOf(schema: JsonSchema): JsonSchema[] {
  const inside = [
    ...Object.values(schema.definitions ?? {}),
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...(schema.oneOf ?? []),
  ]
  // What stands beside a reference is not looked at (draft-07, 8.3).
  return [...(schema.$ref === undefined ? [schema] : []), ...inside.flatMap(placesOf)]
}

function worstGrade(changes: readonly { grade: Grade }[]): Grade {
  return (['breaking', 'warning'] as const).find((grade) => changes.some((one) => one.grade === grade)) ?? 'compatible'
}

const directions = fc.constantFrom<Direction>('input', 'output')

/** One of the real schemas, and a place of it where the mutation can be made. */
function placeFor(mutation: Mutation) {
  const candidates = schemas.flatMap(({ schema }) =>
    placesOf(schema).flatMap((place, index) => (mutation.applies(place) ? [{ schema, index }] : [])),
  )
  expect(candidates.length).toBeGreaterThan(0)
  return fc.constantFrom(...candidates)
}

function mutate(schema: JsonSchema, changes: readonly { mutation: Mutation; index: number }[]): JsonSchema {
  const changed = structuredClone(schema)
  const places = placesOf(changed)
  for (const { mutation, index } of changes) {
    const place = places[index]
    if (place && mutation.applies(place)) mutation.change(place)
  }
  return changed
}

describe('the gate, on the real schemas', () => {
  it.each(schemas)('finds nothing where $name is as it was', ({ schema }) => {
    expect(compareSchemas(schema, structuredClone(schema), 'input')).toEqual([])
    expect(compareSchemas(schema, structuredClone(schema), 'output')).toEqual([])
  })

  it.each([...additions, ...breakages])('grades it wherever $name', (mutation) => {
    fc.assert(
      fc.property(placeFor(mutation), directions, ({ schema, index }, direction) => {
        const changes = compareSchemas(schema, mutate(schema, [{ mutation, index }]), direction)
        expect(worstGrade(changes)).toBe(mutation.expected[direction])
      }),
      { numRuns: 40 },
    )
  })

  it('lets any number of additions pass', () => {
    const some = fc.array(fc.record({ mutation: fc.constantFrom(...additions), index: fc.nat({ max: 300 }) }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.constantFrom(...schemas), some, directions, ({ schema }, changes, direction) => {
        expect(worstGrade(compareSchemas(schema, mutate(schema, changes), direction))).not.toBe('breaking')
      }),
    )
  })

  it('finds a break among additions', () => {
    const hidden = fc
      .constantFrom(...breakages)
      .chain((mutation) => placeFor(mutation).map((place) => ({ ...place, mutation })))
    const some = fc.array(fc.record({ mutation: fc.constantFrom(...additions), index: fc.nat({ max: 300 }) }))
    fc.assert(
      fc.property(hidden, some, directions, ({ schema, index, mutation }, others, direction) => {
        const changes = compareSchemas(schema, mutate(schema, [{ mutation, index }, ...others]), direction)
        if (mutation.expected[direction] === 'breaking') expect(worstGrade(changes)).toBe('breaking')
      }),
    )
  })
})
