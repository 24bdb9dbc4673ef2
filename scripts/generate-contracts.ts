import { readPackage } from '../src/cli/package.ts'
import type { DefinedSchema } from '../src/contract/schema-components.ts'
import { asyncapiDocument } from '../src/event-contracts/asyncapi.ts'
import { eventContracts } from '../src/event-contracts/event-contracts.ts'
import { presentOpenapi } from '../src/http/openapi/present-openapi.ts'
import { exampleFiles, makeExamples } from './generate-examples.ts'
import { generateRevisions } from './generate-revisions.ts'
import { generateAnswerSchemas, generateEventSchemas, generateTransactionSchema } from './generate-schema.ts'
import type { GeneratedFile } from './generated-file.ts'

/**
 * What others build upon: schemas, their revisions, and the documents that hold them. Each is made from what was just made before
 * it, not from what lies on the disk, so that one run is enough.
 */
export async function generateContracts(): Promise<GeneratedFile[]> {
  const events = await generateEventSchemas()
  const transaction = await generateTransactionSchema()
  const answers = await generateAnswerSchemas()
  const schemas = [...transaction, ...events]
  const examples = makeExamples()
  const asyncapi = asyncapiDocument({
    version: readPackage().version,
    contracts: eventContracts,
    schemas: Object.fromEntries(eventContracts.map(({ eventType }, index) => [eventType, parse(events[index])])),
    examples,
  })
  const openapi = await presentOpenapi({ answers: parse(answers[0]), transaction: parse(transaction[0]) })
  return [
    ...schemas,
    ...answers,
    ...generateRevisions(schemas),
    ...exampleFiles(examples),
    { path: 'docs/reference/asyncapi.json', content: `${JSON.stringify(asyncapi, null, 2)}\n` },
    { path: 'docs/reference/openapi.json', content: `${JSON.stringify(openapi, null, 2)}\n` },
  ]
}

function parse(file: GeneratedFile | undefined): DefinedSchema {
  return JSON.parse(file?.content ?? '') as DefinedSchema
}
