import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SourceWebhooks, WebhookHeaders, WebhookNotice } from '../../contract/source-webhook.ts'

const signatureName = 'x-shopify-hmac-sha256'

/** Topics whose bodies say that something was sold, paid or given back. A deleted order is kept where an operator sees it. */
const topicsOfTransactions = new Set([
  ...['create', 'updated', 'paid', 'partially_fulfilled', 'fulfilled', 'cancelled', 'delete'].map(
    (one) => `orders/${one}`,
  ),
  ...['refunds/create', 'order_transactions/create', 'tender_transactions/create'],
])

/** What every app must answer: somebody asks for data, or for erasure. */
const privacyTopics = new Set(['customers/data_request', 'customers/redact', 'shop/redact'])

/**
 * Shopify signs the bytes of the body with HMAC-SHA256 and the app's client secret, in base64; shop and topic are headers, which
 * the signature does not cover.
 * @see https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
 */
export const webhooks: SourceWebhooks = {
  isWebhook: (headers) => headerOf(headers, signatureName) !== undefined,
  verifyWebhook: ({ headers, rawBody }, secrets) => {
    const signature = headerOf(headers, signatureName)
    if (signature === undefined) return false
    const given = Buffer.from(signature)
    // Text is compared, not what it decodes to: base64 has more than one spelling of the same bytes.
    return secrets
      .map((secret) => Buffer.from(createHmac('sha256', secret).update(rawBody).digest('base64')))
      .map((expected) => expected.length === given.length && timingSafeEqual(expected, given))
      .includes(true)
  },
  describeWebhook: ({ headers }) => ({
    account: headerOf(headers, 'x-shopify-shop-domain'),
    carries: carriedBy(headerOf(headers, 'x-shopify-topic') ?? ''),
  }),
}

function carriedBy(topic: string): WebhookNotice['carries'] {
  if (topicsOfTransactions.has(topic)) return 'transactions'
  return privacyTopics.has(topic) ? 'privacy-request' : 'nothing'
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  const value = headers[name]
  const text = typeof value === 'string' ? value : value?.[0]
  return text === '' ? undefined : text
}
