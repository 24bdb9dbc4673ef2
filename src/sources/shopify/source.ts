import type { Source } from '../../contract/source.ts'
import { read } from './read.ts'
import { looksLikeShopify } from './shapes.ts'
import { webhooks } from './webhooks.ts'
import { writer } from './write/writer.ts'

/**
 * Orders, refunds and payments of Shopify, web shop and tills, in the shapes of its Admin REST API and its webhooks. An order goes
 * on changing; it is taken apart into facts that do not.
 * @see https://shopify.dev/docs/api/admin-rest/latest/resources/order
 */
export const shopify: Source = {
  name: 'shopify',
  title: 'Shopify orders, refunds and payments',
  features: {
    completeness: 'cursor',
    identity: 'vendor-fact',
    mediaTypes: ['application/json', 'application/x-ndjson'],
    fileExtensions: ['.ndjson', '.jsonl', '.json'],
  },
  recognises: looksLikeShopify,
  webhooks,
  writer,
  read,
}
