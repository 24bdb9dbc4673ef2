import type { ChangeKind } from './change.ts'
import { inWords, type JsonSchema } from './json-schema.ts'

type Tell = (kind: ChangeKind, what: string) => void

const lowerLimits = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const upperLimits = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
const forms = ['pattern', 'format', 'contentEncoding', 'contentMediaType', 'multipleOf']

/** The keywords that are compared here. */
export const limitKeywords: readonly string[] = [...lowerLimits, ...upperLimits, ...forms, 'uniqueItems']

/** Compares everything that bounds a single value. */
export function compareLimits(frozen: JsonSchema, present: JsonSchema, tell: Tell): void {
  for (const keyword of lowerLimits) compareLimit(keyword, -1, frozen, present, tell)
  for (const keyword of upperLimits) compareLimit(keyword, 1, frozen, present, tell)
  for (const keyword of forms) compareForm(keyword, frozen, present, tell)
  const [before, after] = [frozen.uniqueItems === true, present.uniqueItems === true]
  if (before !== after) tell(after ? 'limit-tightened' : 'limit-loosened', `uniqueItems became ${after}`)
}

function compareLimit(keyword: string, sign: 1 | -1, frozen: JsonSchema, present: JsonSchema, tell: Tell): void {
  const [before, after] = [frozen[keyword], present[keyword]]
  if (before === after) return
  const roomOf = (limit: unknown) => (typeof limit === 'number' ? limit * sign : Number.POSITIVE_INFINITY)
  const what = `${keyword} ${inWords(before ?? 'none')} became ${inWords(after ?? 'none')}`
  tell(roomOf(after) < roomOf(before) ? 'limit-tightened' : 'limit-loosened', what)
}

/** Whether one pattern is part of another cannot be told, so any other form is a change of form. */
function compareForm(keyword: string, frozen: JsonSchema, present: JsonSchema, tell: Tell): void {
  const [before, after] = [frozen[keyword], present[keyword]]
  if (before === after) return
  if (before === undefined) tell('limit-tightened', `${keyword} ${inWords(after)} is new`)
  else if (after === undefined) tell('limit-loosened', `${keyword} ${inWords(before)} is gone`)
  else tell('format-changed', `${keyword} ${inWords(before)} became ${inWords(after)}`)
}
