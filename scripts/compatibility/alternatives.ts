import type { ChangeKind } from './change.ts'
import { wordsOf } from './compare-words.ts'
import { type JsonSchema, meaningOf, type SchemaRoot } from './json-schema.ts'

interface Side {
  root: SchemaRoot
  schema: JsonSchema
}

interface Pairing {
  /** Alternatives that stand for the same thing on both sides. */
  pairs: { before: JsonSchema; after: JsonSchema; label: string }[]
  changes: { kind: ChangeKind; what: string }[]
}

/** Which alternative (`anyOf`, `oneOf`) of now is which of then: by the words of their discriminator, else by their meaning. */
export function pairAlternatives(frozen: Side, present: Side): Pairing {
  const [before, after] = [alternativesOf(frozen.schema), alternativesOf(present.schema)]
  if (before.length === 0 && after.length === 0) return { pairs: [], changes: [] }
  const name = discriminatorOf(frozen.schema)
  if (name !== undefined && name === discriminatorOf(present.schema)) {
    const [old, now] = [byWord(frozen.root, before, name), byWord(present.root, after, name)]
    if (old && now) return pairByWord(old, now, name)
  }
  return pairByMeaning(frozen, before, present, after)
}

function alternativesOf(schema: JsonSchema): JsonSchema[] {
  return schema.oneOf ?? schema.anyOf ?? []
}

function discriminatorOf(schema: JsonSchema): string | undefined {
  return schema.discriminator?.propertyName
}

/** The alternative of each word; undefined where one of them has no closed list of words. */
function byWord(root: SchemaRoot, alternatives: JsonSchema[], name: string): Map<string, JsonSchema> | undefined {
  const found = new Map<string, JsonSchema>()
  for (const alternative of alternatives) {
    const resolved = root.resolve(alternative)
    const field = resolved.properties?.[name]
    const words = field && wordsOf(root.resolve(field))
    if (!field || !words) return undefined
    // Its words are compared as a whole, across alternatives; of the field itself what is left is compared.
    const { const: _, enum: __, ...rest } = root.resolve(field)
    const stripped = { ...resolved, properties: { ...resolved.properties, [name]: rest } }
    for (const word of words) found.set(word, stripped)
  }
  return found
}

function pairByWord(before: Map<string, JsonSchema>, after: Map<string, JsonSchema>, name: string): Pairing {
  const gone = [...before.keys()].filter((word) => !after.has(word))
  const come = [...after.keys()].filter((word) => !before.has(word))
  const changes: Pairing['changes'] = []
  if (gone.length > 0) changes.push({ kind: 'word-removed', what: `${name} ${gone.join(', ')}` })
  if (come.length > 0) changes.push({ kind: 'word-added', what: `${name} ${come.join(', ')}` })
  const pairs = [...before].flatMap(([word, old]) => {
    const now = after.get(word)
    return now ? [{ before: old, after: now, label: `(${name}=${word})` }] : []
  })
  return { pairs, changes }
}

function pairByMeaning(frozen: Side, before: JsonSchema[], present: Side, after: JsonSchema[]): Pairing {
  const keyOf = (root: SchemaRoot, schema: JsonSchema) =>
    meaningOf(schema.$ref === undefined ? root.resolve(schema) : { $ref: schema.$ref })
  const [old, now] = [
    new Map(before.map((one) => [keyOf(frozen.root, one), one])),
    new Map(after.map((one) => [keyOf(present.root, one), one])),
  ]
  const gone = [...old.keys()].filter((key) => !now.has(key))
  const come = [...now.keys()].filter((key) => !old.has(key))
  const changes: Pairing['changes'] = []
  if (gone.length > 0 && come.length > 0) changes.push({ kind: 'type-changed', what: 'the alternatives are different' })
  else if (before.length === 0) changes.push({ kind: 'type-narrowed', what: 'anything became one of alternatives' })
  else if (after.length === 0) changes.push({ kind: 'type-widened', what: 'alternatives became anything' })
  else if (gone.length > 0) changes.push({ kind: 'type-narrowed', what: `${gone.length} alternatives are gone` })
  else if (come.length > 0) changes.push({ kind: 'type-widened', what: `${come.length} alternatives are new` })
  const pairs = [...old].flatMap(([key, one], place) => {
    const other = now.get(key)
    return other ? [{ before: one, after: other, label: `(${place + 1})` }] : []
  })
  return { pairs, changes }
}
