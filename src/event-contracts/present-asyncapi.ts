import { eventTypes } from '../journal/event.ts'
import { type AsyncapiDocument, type AsyncapiInput, asyncapiDocument } from './asyncapi.ts'
import { eventContracts } from './event-contracts.ts'
import erasedExample from './generated/customer.erased.v1.example.json' with { type: 'json' }
import erasedSchema from './generated/customer.erased.v1.schema.json' with { type: 'json' }
import quarantinedExample from './generated/pos.transaction.quarantined.v1.example.json' with { type: 'json' }
import quarantinedSchema from './generated/pos.transaction.quarantined.v1.schema.json' with { type: 'json' }
import recordedExample from './generated/pos.transaction.recorded.v1.example.json' with { type: 'json' }
import recordedSchema from './generated/pos.transaction.recorded.v1.schema.json' with { type: 'json' }

/** The document of this program, from what its types were generated into. */
export function presentAsyncapi(version: string): AsyncapiDocument {
  return asyncapiDocument(presentInput(version))
}

export function presentInput(version: string): AsyncapiInput {
  return {
    version,
    contracts: eventContracts,
    schemas: {
      [eventTypes.recorded]: recordedSchema,
      [eventTypes.quarantined]: quarantinedSchema,
      [eventTypes.customerErased]: erasedSchema,
    },
    examples: {
      [eventTypes.recorded]: recordedExample,
      [eventTypes.quarantined]: quarantinedExample,
      [eventTypes.customerErased]: erasedExample,
    },
  }
}
