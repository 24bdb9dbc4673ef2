import type { Change } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'
import { meaningOf } from './json-schema.ts'
import type { PromisedSchema } from './promised-schemas.ts'
import { parseSchema, type Revision, revisionPath } from './revisions.ts'

export interface Judgement {
  /** Against the frozen revisions, each thing once. */
  breaking: Change[]
  warnings: Change[]
  /** Where the present schema belongs; undefined: nowhere, since it breaks what was released, or says the same in other words. */
  path: string | undefined
}

/**
 * What the present schema means to those who rely on its revisions. A revision that was not released yet may still be
 * rewritten; after a released one comes the next.
 */
export function judgeSchema(schema: PromisedSchema, presentText: string, revisions: readonly Revision[]): Judgement {
  const present = parseSchema(presentText)
  const changes = new Map<string, Change>()
  for (const { text } of revisions.filter(({ isFrozen }) => isFrozen)) {
    for (const change of compareSchemas(parseSchema(text), present, schema.direction)) {
      changes.set(`${change.path} ${change.kind}`, change)
    }
  }
  const breaking = [...changes.values()].filter(({ grade }) => grade === 'breaking')
  const warnings = [...changes.values()].filter(({ grade }) => grade === 'warning')
  const newest = revisions.at(-1)
  if (breaking.length > 0) return { breaking, warnings, path: undefined }
  if (newest === undefined) return { breaking, warnings, path: revisionPath(schema, 0) }
  if (!newest.isFrozen) return { breaking, warnings, path: newest.path }
  const saysTheSame = meaningOf(parseSchema(newest.text)) === meaningOf(present)
  return { breaking, warnings, path: saysTheSame ? undefined : revisionPath(schema, newest.revision + 1) }
}

/** A judgement in words, with what to do. */
export function tellJudgement(schema: PromisedSchema, { breaking, warnings }: Judgement): string[] {
  const { name, version, direction } = schema
  const whom = direction === 'input' ? 'clients that send it' : 'consumers that read it'
  const lines = [
    ...breaking.map(({ path, kind, what, why }) => `breaks    ${name} v${version}  ${path}  ${kind}: ${what}; ${why}`),
    ...warnings.map(({ path, kind, what, why }) => `beware    ${name} v${version}  ${path}  ${kind}: ${what}; ${why}`),
  ]
  if (breaking.length === 0) return lines
  const advice = `Version ${version} of ${name} was released: ${whom} would break. Add instead of changing, or make version ${version + 1} beside it: docs/how-to/change-a-contract.md`
  return [...lines, advice]
}
