import { createGenerator, type Definition, type Schema } from 'ts-json-schema-generator'
import { eventContracts } from '../src/event-contracts/event-contracts.ts'
import type { GeneratedFile } from './generated-file.ts'

const schemaPath = 'src/contract/generated/transaction.v1.schema.json'

/** A schema that is made from the types of one file: limits, patterns and descriptions are their docstrings. */
interface SchemaOrder {
  typesPath: string
  typeName: string
  schemaId: string
}

/** The JSON Schema of the transaction, from the domain's types. */
export async function generateTransactionSchema(): Promise<GeneratedFile[]> {
  const schema = makeSchema({
    typesPath: 'src/domain/transaction/transaction.ts',
    typeName: 'Transaction',
    schemaId: 'urn:tillflow:schema:transaction:v1',
  })
  return [{ path: schemaPath, content: asText(schema) }]
}

/** The JSON Schemas of the data of every event, from the journal's types. */
export async function generateEventSchemas(): Promise<GeneratedFile[]> {
  return eventContracts.map(({ eventType, dataType, dataSchema }) => ({
    path: `src/event-contracts/generated/${eventType}.schema.json`,
    content: asText(makeSchema({ typesPath: 'src/journal/event.ts', typeName: dataType, schemaId: dataSchema })),
  }))
}

/** The JSON Schemas of everything that the API answers with. */
export async function generateAnswerSchemas(): Promise<GeneratedFile[]> {
  const schema = makeSchema({
    typesPath: 'src/http/openapi/api-answers.ts',
    typeName: 'ApiAnswers',
    schemaId: 'urn:tillflow:schema:api-answers:v1',
  })
  return [{ path: 'src/http/generated/api-answers.schema.json', content: asText(schema) }]
}

function makeSchema({ typesPath, typeName, schemaId }: SchemaOrder): Schema {
  const schema = createGenerator({
    path: typesPath,
    tsconfig: 'tsconfig.json',
    type: typeName,
    schemaId,
    // A field that nobody knows is kept and counted, never refused.
    additionalProperties: true,
    topRef: true,
    expose: 'export',
    skipTypeCheck: true,
  }).createSchema(typeName)
  const definitions = schema.definitions ?? {}
  if (definitions.Line) definitions.Line = discriminated(definitions.Line as Definition)
  return schema
}

/** With a discriminator a wrong line gives one clear error instead of one for each kind of line. */
function discriminated({ anyOf = [] }: Definition): Definition {
  const alternatives = { type: 'object', discriminator: { propertyName: 'lineType' }, required: ['lineType'] }
  return { ...alternatives, oneOf: anyOf } as Definition
}

function asText(schema: Schema): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
