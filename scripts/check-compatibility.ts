import { join } from 'node:path'
import { judgePromises } from './compatibility/judge-promises.ts'
import { promisedSchemas } from './compatibility/promised-schemas.ts'

/** Says what the present schemas break of the released ones; exit code 1 when anything does. */
const { complaints, remarks } = judgePromises(join(import.meta.dirname, '..'), promisedSchemas)
for (const remark of remarks) process.stdout.write(`${remark}\n`)
for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
process.exitCode = complaints.length === 0 ? 0 : 1
