const documentStart =
  /^\s*\{\s*(?:"(?:cursor|errors)"\s*:\s*(?:"[^"]*"|\[\s*\]|null)\s*,\s*)*"(?:orders?|payments?|refunds?|cash_drawer_shifts?|cash_drawer_shift_events|counts?|changes)"\s*:/

/** Square's money is a whole number and its ids are texts; Shopify's documents have the same names around other things. */
const squareOnly =
  /"\w+_money"\s*:\s*\{\s*(?:"currency"\s*:\s*"[A-Z]*"\s*,\s*)?"amount"\s*:\s*-?\d|"location_id"\s*:\s*"|"catalog_object_id"|"net_amounts"|"version_token"/
const webhookParts = [/"merchant_id"\s*:\s*"/, /"event_id"\s*:\s*"/, /"(?:type|data)"\s*:/]
const ofOthers = /"businessUnitId"|"admin_graphql_api_id"|"(?:shop|presentment)_money"/

/** Whether these first bytes are of a document of Square's: an answer, a webhook, or one object cut out of an answer. */
export function recognises(head: Uint8Array): boolean {
  const text = Buffer.from(head)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  if (!/^\s*\{/.test(text) || ofOthers.test(text)) return false
  if (webhookParts.every((part) => part.test(text))) return true
  if (documentStart.test(text) && (squareOnly.test(text) || isEmptyList(text))) return true
  if (/"catalog_object_id"/.test(text) && /"(?:calculated|occurred)_at"/.test(text)) return true
  return /"\w+_money"\s*:\s*\{\s*(?:"currency"\s*:\s*"[A-Z]*"\s*,\s*)?"amount"\s*:\s*-?\d/.test(text)
}

/** Nothing in it says whose it is, but nobody else has these names. */
function isEmptyList(text: string): boolean {
  return /"(?:payments|cash_drawer_shifts|cash_drawer_shift_events|counts|changes)"\s*:\s*\[\s*\]/.test(text)
}
