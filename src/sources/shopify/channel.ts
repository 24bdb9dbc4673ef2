import type { Channel } from '../../domain/transaction/codes.ts'
import { type Json, textAt } from './json.ts'

/** What tills call themselves; anything else sells from a distance. */
const tillNames = new Set(['pos', 'iphone', 'android'])

/** By the `source_name` of an order or a payment. */
export function channelOf(json: Json): Channel {
  return tillNames.has(textAt(json, 'source_name') ?? '') ? 'POS' : 'ECOM'
}
