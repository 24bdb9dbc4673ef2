/** A webhook as it arrived, before anybody believed it. */
export interface WebhookRequest {
  /** Names in small letters, as Node gives them. */
  headers: WebhookHeaders
  /** The bytes of the body as they were sent: a signature breaks on any reformatting. */
  rawBody: Uint8Array
  /** The address that the vendor was told to send to, from the settings; some vendors sign it with the body. */
  url: string
}

export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a verified webhook is about. */
export interface WebhookNotice {
  /** The vendor's name of the account it speaks for: a shop domain, a merchant id. Undefined where the vendor names none. */
  account: string | undefined
  /**
   * `transactions`: its body is read like any other document of the source.
   * `privacy-request`: somebody asks for data or for erasure; it is kept where an operator sees it.
   * `nothing`: it carries no transaction; it is answered and counted.
   */
  carries: 'transactions' | 'privacy-request' | 'nothing'
}

/** How a vendor signs and names its webhooks. Pure: no I/O, no clock. */
export interface SourceWebhooks {
  /** Whether a request claims to be a webhook of this vendor: the signature stands in for a bearer token. */
  isWebhook(headers: WebhookHeaders): boolean
  /**
   * Whether one of the secrets signed these bytes, by the vendor's rule and in constant time. Several secrets are valid while
   * one takes the place of another.
   */
  verifyWebhook(request: WebhookRequest, secrets: readonly string[]): boolean
  /** What it is about. Asked only after the signature was found right. Throws `Problem` where the body must be read and cannot be. */
  describeWebhook(request: WebhookRequest): WebhookNotice
}
