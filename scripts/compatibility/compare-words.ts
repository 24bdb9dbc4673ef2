import type { ChangeKind } from './change.ts'
import { inWords, type JsonSchema, meaningOf } from './json-schema.ts'

type Tell = (kind: ChangeKind, what: string) => void

const allTypes = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

/** Compares `type`; false: they have too little in common to look further. */
export function compareTypes(frozen: JsonSchema, present: JsonSchema, tell: Tell): boolean {
  const [before, after] = [typesOf(frozen), typesOf(present)]
  const gone = [...before].filter((type) => !after.has(type))
  const come = [...after].filter((type) => !before.has(type))
  if (gone.length === 0 && come.length === 0) return true
  const what = `type ${inWords(frozen.type ?? 'any')} became ${inWords(present.type ?? 'any')}`
  if (gone.length > 0 && come.length > 0) tell('type-changed', what)
  else tell(gone.length > 0 ? 'type-narrowed' : 'type-widened', what)
  return gone.length < before.size
}

function typesOf({ type }: JsonSchema): Set<string> {
  const named = type === undefined ? allTypes : [type].flat()
  return new Set(named.includes('number') ? [...named, 'integer'] : named)
}

/** Compares `const` and `enum`. */
export function compareWords(frozen: JsonSchema, present: JsonSchema, tell: Tell): void {
  if ('const' in frozen && 'const' in present) {
    if (meaningOf(frozen.const) !== meaningOf(present.const))
      tell('constant-changed', `${inWords(frozen.const)} became ${inWords(present.const)}`)
    return
  }
  const [before, after] = [wordsOf(frozen), wordsOf(present)]
  if (before === undefined || after === undefined) {
    if (after !== undefined) tell('words-closed', 'any value became a closed list')
    if (before !== undefined) tell('words-opened', 'a closed list became any value')
    return
  }
  const gone = before.filter((word) => !after.includes(word))
  const come = after.filter((word) => !before.includes(word))
  if (gone.length > 0) tell('word-removed', gone.join(', '))
  if (come.length > 0) tell('word-added', come.join(', '))
}

/** The closed list of a schema as texts; undefined: there is none. */
export function wordsOf(schema: JsonSchema): string[] | undefined {
  if ('const' in schema) return [inWords(schema.const)]
  return schema.enum?.map(inWords)
}
