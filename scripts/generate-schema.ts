import { createGenerator } from 'ts-json-schema-generator'
import type { GeneratedFile } from './generated-file.ts'

const schemaPath = 'src/contract/generated/transaction.v1.schema.json'

/** The JSON Schema of the transaction, from the domain's types: limits, patterns and descriptions are their docstrings. */
export async function generateTransactionSchema(): Promise<GeneratedFile[]> {
  const schema = createGenerator({
    path: 'src/domain/transaction/transaction.ts',
    tsconfig: 'tsconfig.json',
    type: 'Transaction',
    schemaId: 'urn:tillflow:schema:transaction:v1',
    // A field that nobody knows is kept and counted, never refused.
    additionalProperties: true,
    topRef: true,
    expose: 'export',
    skipTypeCheck: true,
  }).createSchema('Transaction')
  const definitions = schema.definitions ?? {}
  const line = definitions.Line as { anyOf: unknown[] }
  // With a discriminator a wrong line gives one clear error instead of one for each kind of line.
  definitions.Line = {
    type: 'object',
    discriminator: { propertyName: 'lineType' },
    required: ['lineType'],
    oneOf: line.anyOf,
  } as never
  return [{ path: schemaPath, content: `${JSON.stringify(schema, null, 2)}\n` }]
}
