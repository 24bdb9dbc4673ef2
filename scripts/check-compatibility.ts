import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { judgeSchema, tellJudgement } from './compatibility/judge-schema.ts'
import { frozenListPath, promisedSchemas } from './compatibility/promised-schemas.ts'
import { findBrokenSeals, readFrozenList, readRevisions } from './compatibility/revisions.ts'

/** Says what the present schemas break of the released ones; exit code 1 when anything does. */
const root = join(import.meta.dirname, '..')
const frozen = readFrozenList(root)
const complaints = findBrokenSeals(root, frozen).map((broken) => `${broken}; restore it, see ${frozenListPath}`)
const remarks: string[] = []
for (const schema of promisedSchemas) {
  const revisions = readRevisions(root, schema, frozen)
  if (revisions.length === 0) complaints.push(`${schema.name} has no revision: run \`npm run generate\``)
  const judgement = judgeSchema(schema, readFileSync(join(root, schema.presentPath), 'utf8'), revisions)
  const told = tellJudgement(schema, judgement)
  if (judgement.breaking.length > 0) complaints.push(...told)
  else remarks.push(...told)
}
for (const remark of remarks) process.stdout.write(`${remark}\n`)
for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
process.exitCode = complaints.length === 0 ? 0 : 1
