import { describe, expect, it } from 'vitest'
import type { Source } from '../../contract/source.ts'
import type { WebhookNotice, WebhookRequest } from '../../contract/source-webhook.ts'

/** A webhook that the vendor's own rule signed: made by the vendor, or by another program than this one. */
export interface SignedWebhook {
  request: WebhookRequest & { headers: Readonly<Record<string, string>> }
  secret: string
  /** The header that carries the signature. */
  signatureHeader: string
  notice: WebhookNotice
}

/** What every source that takes webhooks promises of their signatures. */
export function describeWebhooks(source: Source, { request, secret, signatureHeader, notice }: SignedWebhook): void {
  const webhooks = source.webhooks
  if (!webhooks) throw new Error(`${source.name} takes no webhooks`)
  const { headers, rawBody } = request
  const signature = headers[signatureHeader] ?? ''
  const withSignature = (text: string): WebhookRequest => ({
    ...request,
    headers: { ...headers, [signatureHeader]: text },
  })
  const withBody = (text: string): WebhookRequest => ({ ...request, rawBody: Buffer.from(text) })
  const text = Buffer.from(rawBody).toString()
  const { [signatureHeader]: _, ...unsigned } = headers

  describe('webhooks', () => {
    it('believes what a secret of the account signed', () => {
      expect(webhooks.isWebhook(headers)).toBe(true)
      expect(webhooks.verifyWebhook(request, [secret])).toBe(true)
    })

    it('believes the old and the new secret while one takes the place of the other', () => {
      expect(webhooks.verifyWebhook(request, ['another secret', secret])).toBe(true)
      expect(webhooks.verifyWebhook(request, [secret, 'another secret'])).toBe(true)
    })

    it('says what the webhook is about', () => expect(webhooks.describeWebhook(request)).toEqual(notice))

    it('takes a request without a signature for no webhook, and believes none', () => {
      expect(webhooks.isWebhook(unsigned)).toBe(false)
      expect(webhooks.verifyWebhook({ ...request, headers: unsigned }, [secret])).toBe(false)
    })

    it.each<[string, WebhookRequest]>([
      ['an empty signature', withSignature('')],
      ['a signature that is cut off', withSignature(signature.slice(0, -4))],
      ['a signature with something behind it', withSignature(`${signature}AAAA`)],
      ['another signature', withSignature(Buffer.alloc(32, 7).toString('base64'))],
      ['a signature that is no base64', withSignature('%%%% not a signature %%%%')],
      ['the signature in hexadecimal', withSignature(Buffer.from(signature, 'base64').toString('hex'))],
      ['a body that was written again', withBody(JSON.stringify(JSON.parse(text), null, 1))],
      ['a body that is cut off', withBody(text.slice(0, -1))],
      ['a body with a space more', withBody(`${text} `)],
      ['an empty body', withBody('')],
    ])('does not believe %s', (_name, forged) => expect(webhooks.verifyWebhook(forged, [secret])).toBe(false))

    it('believes nobody where there is no secret', () => {
      expect(webhooks.verifyWebhook(request, [])).toBe(false)
      expect(webhooks.verifyWebhook(request, ['another secret'])).toBe(false)
    })
  })
}
