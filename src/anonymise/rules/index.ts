import { Problem } from '../../contract/problem.ts'
import type { Rules } from '../rules.ts'
import { poslogRules } from './poslog.ts'
import { shopifyRules } from './shopify.ts'
import { squareRules } from './square.ts'
import { tillflowRules } from './tillflow.ts'

const all: readonly Rules[] = [poslogRules, tillflowRules, shopifyRules, squareRules]

/** Sources whose files can be made into test data. */
export const anonymisedSources = all.map(({ source }) => source)

/** Throws Problem `unknown-source` where nobody wrote rules: what is not understood cannot be made harmless. */
export function rulesOf(source: string): Rules {
  const rules = all.find((one) => one.source === source)
  if (!rules) throw new Problem('unknown-source', `Files of ${anonymisedSources.join(', ')} can be anonymised.`)
  return rules
}

/** The rules for a file by its first bytes, which names of members or elements give away; undefined where they do not. */
export function detectRules(head: Uint8Array): Rules | undefined {
  const text = Buffer.from(head).toString('utf8')
  if (/^\uFEFF?\s*</.test(text)) return /<([\w.-]+:)?(POSLog|DigitalReceipt)[\s/>]/.test(text) ? poslogRules : undefined
  const has = (pattern: RegExp) => pattern.test(text)
  if (has(/"(businessUnitId|transactionType)"\s*:/)) return tillflowRules
  if (has(/"\w+_money"\s*:|"merchant_id"\s*:|"catalog_object_id"\s*:/)) return squareRules
  if (
    has(
      /gid:\/\/shopify|"(line_items|financial_status|refund_line_items|subtotal_price|variant_id|inventory_item_id|gift_card|cart_token|total_spent|tender_transactions?|order_id|province_code|admin_graphql_api_id)"\s*:/,
    )
  )
    return shopifyRules
  return undefined
}
