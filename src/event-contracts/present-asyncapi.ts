import { type AsyncapiDocument, asyncapiDocument } from './asyncapi.ts'
import quarantinedExample from './generated/pos.transaction.quarantined.v1.example.json' with { type: 'json' }
import quarantinedSchema from './generated/pos.transaction.quarantined.v1.schema.json' with { type: 'json' }
import recordedExample from './generated/pos.transaction.recorded.v1.example.json' with { type: 'json' }
import recordedSchema from './generated/pos.transaction.recorded.v1.schema.json' with { type: 'json' }

/** The document of this program, from what its types were generated into. */
export function presentAsyncapi(version: string): AsyncapiDocument {
  return asyncapiDocument({
    version,
    schemas: { 'pos.transaction.recorded': recordedSchema, 'pos.transaction.quarantined': quarantinedSchema },
    examples: { 'pos.transaction.recorded': recordedExample, 'pos.transaction.quarantined': quarantinedExample },
  })
}
