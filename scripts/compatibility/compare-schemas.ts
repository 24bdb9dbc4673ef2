import { pairAlternatives } from './alternatives.ts'
import { type Change, type ChangeKind, changeOf, type Direction } from './change.ts'
import { compareLimits, limitKeywords } from './compare-limits.ts'
import { compareTypes, compareWords } from './compare-words.ts'
import { isAnnotation, type JsonSchema, meaningOf, SchemaRoot } from './json-schema.ts'

/** Compared by rules of their own; what is not listed anywhere must not differ. */
const comparedKeywords = new Set([
  ...['$id', '$schema', '$ref', 'type', 'const', 'enum', 'properties', 'required', 'additionalProperties', 'items'],
  ...['anyOf', 'oneOf', 'discriminator', ...limitKeywords],
])

/**
 * What is different in `present`, and whom it breaks. A definition that many fields share is looked at once, where it is met
 * first. Order of fields, order of words and descriptions are no difference.
 */
export function compareSchemas(frozen: JsonSchema, present: JsonSchema, direction: Direction): Change[] {
  const comparison = new Comparison(new SchemaRoot(frozen), new SchemaRoot(present), direction)
  comparison.compare(frozen, present, '')
  return comparison.changes
}

class Comparison {
  readonly changes: Change[] = []
  readonly #frozen: SchemaRoot
  readonly #present: SchemaRoot
  readonly #direction: Direction
  readonly #seen = new Map<JsonSchema, Set<JsonSchema>>()

  constructor(frozen: SchemaRoot, present: SchemaRoot, direction: Direction) {
    this.#frozen = frozen
    this.#present = present
    this.#direction = direction
  }

  compare(frozenRef: JsonSchema, presentRef: JsonSchema, path: string): void {
    const [frozen, present] = [this.#frozen.resolve(frozenRef), this.#present.resolve(presentRef)]
    if (this.#wasSeen(frozen, present)) return
    const tell = (kind: ChangeKind, what: string) => this.#tell(kind, path, what)
    this.#compareUnknownKeywords(frozen, present, path)
    if (!compareTypes(frozen, present, tell)) return
    compareWords(frozen, present, tell)
    compareLimits(frozen, present, tell)
    this.#compareFields(frozen, present, path)
    this.#compareOpenness(frozen, present, path)
    this.#compareItems(frozen, present, path)
    this.#compareAlternatives(frozen, present, path)
  }

  #tell(kind: ChangeKind, path: string, what: string): void {
    this.changes.push(changeOf(this.#direction, kind, path, what))
  }

  #wasSeen(frozen: JsonSchema, present: JsonSchema): boolean {
    const partners = this.#seen.get(frozen) ?? new Set()
    this.#seen.set(frozen, partners)
    if (partners.has(present)) return true
    partners.add(present)
    return false
  }

  #compareUnknownKeywords(frozen: JsonSchema, present: JsonSchema, path: string): void {
    for (const keyword of new Set([...Object.keys(frozen), ...Object.keys(present)])) {
      if (comparedKeywords.has(keyword) || isAnnotation(keyword)) continue
      if (meaningOf(frozen[keyword]) !== meaningOf(present[keyword]))
        this.#tell('not-comparable', path, `${keyword} is different`)
    }
  }

  #compareFields(frozen: JsonSchema, present: JsonSchema, path: string): void {
    const [before, after] = [frozen.properties ?? {}, present.properties ?? {}]
    const [neededBefore, neededAfter] = [new Set(frozen.required), new Set(present.required)]
    for (const [name, field] of Object.entries(before)) {
      const other = Object.hasOwn(after, name) ? after[name] : undefined
      if (other === undefined) this.#tell('field-removed', `${path}/${name}`, 'the field is gone')
      else this.compare(field, other, `${path}/${name}`)
    }
    for (const name of Object.keys(after)) {
      if (Object.hasOwn(before, name)) continue
      if (neededAfter.has(name)) this.#tell('required-field-added', `${path}/${name}`, 'a new field is required')
      else this.#tell('field-added', `${path}/${name}`, 'a new field')
    }
    for (const name of neededAfter) {
      const isNew = !Object.hasOwn(before, name) && Object.hasOwn(after, name)
      if (!neededBefore.has(name) && !isNew) this.#tell('field-required', `${path}/${name}`, 'became required')
    }
    for (const name of neededBefore) {
      const isGone = Object.hasOwn(before, name) && !Object.hasOwn(after, name)
      if (!neededAfter.has(name) && !isGone) this.#tell('field-optional', `${path}/${name}`, 'became optional')
    }
  }

  #compareOpenness(frozen: JsonSchema, present: JsonSchema, path: string): void {
    const [before, after] = [frozen.additionalProperties ?? true, present.additionalProperties ?? true]
    if (before === false && after === false) return
    if (after === false) this.#tell('fields-closed', path, 'further fields are refused')
    else if (before === false) this.#tell('fields-opened', path, 'further fields are allowed')
    else this.compare(asSchema(before), asSchema(after), `${path}/*`)
  }

  #compareItems(frozen: JsonSchema, present: JsonSchema, path: string): void {
    if (frozen.items === undefined && present.items === undefined) return
    const [before, after] = [frozen.items ?? anything, present.items ?? anything]
    if (Array.isArray(before) || Array.isArray(after)) {
      if (meaningOf(before) !== meaningOf(after)) this.#tell('not-comparable', path, 'items by position are different')
    } else this.compare(before, after, `${path}/*`)
  }

  #compareAlternatives(frozen: JsonSchema, present: JsonSchema, path: string): void {
    const { pairs, changes } = pairAlternatives(
      { root: this.#frozen, schema: frozen },
      { root: this.#present, schema: present },
    )
    for (const { kind, what } of changes) this.#tell(kind, path, what)
    for (const { before, after, label } of pairs) this.compare(before, after, `${path}${label}`)
  }
}

/** `true` allows anything, like an empty schema; the same object each time, so that it is seen once. */
function asSchema(schema: true | JsonSchema): JsonSchema {
  return schema === true ? anything : schema
}
const anything: JsonSchema = {}
