import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '../../contract/problem.ts'
import type { SourceWebhooks, WebhookHeaders } from '../../contract/source-webhook.ts'
import { decodeUtf8, parseJsonWithNumbersAsText } from '../../contract/strict-json.ts'
import { isFields } from './fields.ts'
import { isReadEvent } from './webhook-body.ts'

const signatureHeader = 'x-square-hmacsha256-signature'

/**
 * Square signs the address it was told to send to, followed by the body, with HMAC-SHA256 in base64 (Square, Verify and validate
 * an event notification).
 */
export const webhooks: SourceWebhooks = {
  isWebhook: (headers) => signatureOf(headers) !== undefined,

  verifyWebhook({ headers, rawBody, url }, secrets) {
    const signature = signatureOf(headers) ?? ''
    const given = Buffer.from(signature, 'base64')
    // Node's decoder skips what is no base64, so only its own spelling counts.
    const isWellFormed = given.length === 32 && given.toString('base64') === signature
    let isSigned = false
    for (const secret of secrets) {
      const expected = createHmac('sha256', secret).update(url).update(rawBody).digest()
      // Every secret is tried to its end: the time taken says nothing of which one fits.
      if (isWellFormed && timingSafeEqual(given, expected)) isSigned = true
    }
    return isSigned
  },

  describeWebhook({ rawBody }) {
    const body = parseJsonWithNumbersAsText(decodeUtf8(rawBody))
    if (!isFields(body)) throw new Problem('unreadable-content', 'The webhook is not an object.')
    const { merchant_id: account, type } = body
    return {
      account: typeof account === 'string' ? account : undefined,
      carries: typeof type === 'string' && isReadEvent(type) ? 'transactions' : 'nothing',
    }
  },
}

/** Absent, doubled or empty: not signed. */
function signatureOf(headers: WebhookHeaders): string | undefined {
  const value = headers[signatureHeader]
  return typeof value === 'string' && value !== '' ? value : undefined
}
