import { generateRevisions } from './generate-revisions.ts'
import { generateEventSchemas, generateTransactionSchema } from './generate-schema.ts'
import type { GeneratedFile } from './generated-file.ts'

/** What others build upon: schemas, their revisions and the documents that hold them, each made from the one before. */
export async function generateContracts(): Promise<GeneratedFile[]> {
  const schemas = [...(await generateTransactionSchema()), ...(await generateEventSchemas())]
  return [...schemas, ...generateRevisions(schemas)]
}
