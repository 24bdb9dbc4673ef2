import { join } from 'node:path'
import { judgeSchema } from './compatibility/judge-schema.ts'
import { promisedSchemas } from './compatibility/promised-schemas.ts'
import { readFrozenList, readRevisions } from './compatibility/revisions.ts'
import type { GeneratedFile } from './generated-file.ts'

const root = join(import.meta.dirname, '..')

/**
 * The present schemas as revisions beside the released ones. What breaks a released one is written nowhere: `npm run check`
 * names it.
 */
export function generateRevisions(presentSchemas: readonly GeneratedFile[]): GeneratedFile[] {
  const frozen = readFrozenList(root)
  return promisedSchemas.flatMap((schema) => {
    const present = presentSchemas.find(({ path }) => path === schema.presentPath)
    if (!present) throw new RangeError(`no present schema at ${schema.presentPath}`)
    const { path } = judgeSchema(schema, present.content, readRevisions(root, schema, frozen))
    return path === undefined ? [] : [{ path, content: present.content }]
  })
}
