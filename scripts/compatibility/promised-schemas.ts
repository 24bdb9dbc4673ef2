import { eventContracts } from '../../src/event-contracts/event-contracts.ts'
import type { Direction } from './change.ts'

/** A schema that others build upon, and where its revisions are kept. */
export interface PromisedSchema {
  name: string
  version: number
  direction: Direction
  /** What the types say now. */
  presentPath: string
  /** Has a file for each revision: `1.0.json`, `1.1.json`. */
  directory: string
}

export const promisedSchemas: readonly PromisedSchema[] = [
  {
    name: 'transaction',
    version: 1,
    direction: 'input',
    presentPath: 'src/contract/generated/transaction.v1.schema.json',
    directory: 'schemas/transaction',
  },
  ...eventContracts.map(
    ({ name, version, eventType }): PromisedSchema => ({
      name,
      version,
      direction: 'output',
      presentPath: `src/event-contracts/generated/${eventType}.schema.json`,
      directory: `schemas/events/${name}`,
    }),
  ),
]

/** Which revisions were released, with the SHA-256 of their text. */
export const frozenListPath = 'schemas/frozen.json'
