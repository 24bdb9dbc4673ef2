import { isObject, type Json, textAt } from './json.ts'

export type Shape = 'order' | 'refund' | 'transaction' | 'tender_transaction'

/** A list of an answer of the API, by the name of its member. */
export const listShapes: Readonly<Record<string, Shape>> = {
  orders: 'order',
  refunds: 'refund',
  transactions: 'transaction',
  tender_transactions: 'tender_transaction',
}

const singleShapes = new Set<string>(Object.values(listShapes))

/** The objects of a document with what each is: a list or a single object of the API, or the bare object of a webhook. */
export function objectsIn(document: Json): { shape: Shape; json: Json }[] | undefined {
  const names = Object.keys(document)
  for (const name of names) {
    const member = document[name]
    const listShape = Object.hasOwn(listShapes, name) ? listShapes[name] : undefined
    if (listShape && Array.isArray(member) && names.length <= 2 && document.id === undefined) {
      return member.filter(isObject).map((json) => ({ shape: listShape, json }))
    }
    if (singleShapes.has(name) && isObject(member) && names.length === 1) {
      return [{ shape: name as Shape, json: member }]
    }
  }
  const shape = shapeOf(document)
  return shape && [{ shape, json: document }]
}

/** What a bare object is. Webhooks name it in a header, which a reader does not see; the objects themselves are easy to tell. */
export function shapeOf(json: Json): Shape | undefined {
  if (Array.isArray(json.refund_line_items)) return 'refund'
  if (Array.isArray(json.line_items) && ('financial_status' in json || 'total_line_items_price' in json)) return 'order'
  if (textAt(json, 'kind') !== undefined && 'gateway' in json) return 'transaction'
  if ('payment_method' in json && 'remote_reference' in json) return 'tender_transaction'
  return undefined
}

const opening = /^(ï»¿)?\s*\{/
const numericId = /"id"\s*:\s*\d/
const wordsOfShopify =
  /gid:\\?\/\\?\/shopify|"(refund_line_items|order_adjustments|financial_status|buyer_accepts_marketing|browser_ip|cart_token|checkout_token|cancel_reason|source_name|remote_reference|line_item_id|total_line_items_price|discount_applications|admin_graphql_api_id|presentment_currency)"/
const wordsOfOthers = /"(transactionType|businessUnitId|schemaVersion|uid|amount_money)"\s*:/
const wrapperOpening = /^(ï»¿)?\s*\{\s*"((order|refund|transaction|tender_transaction)s?|draft_order)"\s*:\s*[[{]/

/** Whether first bytes look like Shopify: ids are numbers there, and some words nobody else uses. */
export function looksLikeShopify(head: Uint8Array): boolean {
  const text = Buffer.from(head).toString('latin1')
  if (!opening.test(text) || wordsOfOthers.test(text)) return false
  return numericId.test(text) && (wordsOfShopify.test(text) || wrapperOpening.test(text))
}
