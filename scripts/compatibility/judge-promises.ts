import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { judgeSchema, tellJudgement } from './judge-schema.ts'
import { frozenListPath, type PromisedSchema } from './promised-schemas.ts'
import { findBrokenSeals, findForsaken, readFrozenList, readRevisions } from './revisions.ts'

/** What the gate says of all promises together, in lines for people. */
export interface Verdict {
  /** Any of them fails the check. */
  complaints: string[]
  remarks: string[]
}

/** Compares every promised schema with what was released, and looks for what was released and is there no more. */
export function judgePromises(root: string, schemas: readonly PromisedSchema[]): Verdict {
  const frozen = readFrozenList(root)
  const verdict: Verdict = {
    complaints: [
      ...findBrokenSeals(root, frozen).map((broken) => `breaks    ${broken}; restore it, see ${frozenListPath}`),
      ...findForsaken(schemas, frozen).map((path) => `breaks    ${path} was released and nothing promises it any more`),
    ],
    remarks: [],
  }
  for (const schema of schemas) {
    const revisions = readRevisions(root, schema, frozen)
    const named = `${schema.name} v${schema.version}`
    if (revisions.length === 0) verdict.complaints.push(`${named} has no revision: run \`npm run generate\``)
    const judgement = judgeSchema(schema, readFileSync(join(root, schema.presentPath), 'utf8'), revisions)
    const told = tellJudgement(schema, judgement)
    if (judgement.breaking.length > 0) verdict.complaints.push(...told)
    else verdict.remarks.push(...told)
  }
  return verdict
}
