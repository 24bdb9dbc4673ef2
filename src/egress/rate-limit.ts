import { retryAfterMaxMs } from './retry-after.ts'

/** A shop of Shopify lets two requests through a second; its bucket, when full, has room again after half of one. */
const shopifyRestMs = 1_000

/**
 * For how long a target takes nothing more, by the headers of any answer of its; 0 where they say nothing of it. Known are
 * `RateLimit` of the IETF draft (`"default";r=0;t=30`, and `remaining=0, reset=30` of its earlier texts), the pairs
 * `RateLimit-Remaining` and `-Reset`, `X-RateLimit-*` and `X-Rate-Limit-*`, and `X-Shopify-Shop-Api-Call-Limit` (`40/40`). The strictest counts.
 */
export function readExhaustedForMs(headers: Readonly<Record<string, string>>, nowMs: number): number {
  const rests = [ofDraft(headers.ratelimit), ofShopify(headers['x-shopify-shop-api-call-limit'])]
  for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
    const remaining = firstNumber(headers[`${prefix}-remaining`])
    if (remaining !== undefined && remaining <= 0) {
      const after = firstNumber(headers[`${prefix}-reset-after`])
      rests.push(after === undefined ? untilReset(firstNumber(headers[`${prefix}-reset`]), nowMs) : after * 1_000)
    }
  }
  return Math.min(Math.max(0, ...rests), retryAfterMaxMs)
}

/** Several policies stand in a list, each with its parameters. */
function ofDraft(header: string | undefined): number {
  if (header === undefined) return 0
  const inOne = (text: string, remaining: RegExp, reset: RegExp) => {
    const left = remaining.exec(text)?.[1]
    return left !== undefined && Number(left) <= 0 ? Number(reset.exec(text)?.[1] ?? 0) * 1_000 : 0
  }
  if (/\bremaining\s*=/.test(header)) return inOne(header, /\bremaining\s*=\s*(\d{1,15})/, /\breset\s*=\s*(\d{1,9})/)
  return Math.max(...header.split(',').map((item) => inOne(item, /;\s*r\s*=\s*(\d{1,15})/, /;\s*t\s*=\s*(\d{1,9})/)))
}

function ofShopify(header: string | undefined): number {
  const [, used, limit] = /^(\d{1,9})\/(\d{1,9})$/.exec(header?.trim() ?? '') ?? []
  return used !== undefined && limit !== undefined && Number(used) >= Number(limit) ? shopifyRestMs : 0
}

/** Seconds from now; vendors that give a time give it in seconds or milliseconds since 1970. */
function untilReset(reset: number | undefined, nowMs: number): number {
  if (reset === undefined) return 0
  if (reset > 100_000_000_000) return reset - nowMs
  return reset > 1_000_000_000 ? reset * 1_000 - nowMs : reset * 1_000
}

/** A header that came twice has both values, with a comma between. */
function firstNumber(header: string | undefined): number | undefined {
  const text = header?.split(',')[0]?.trim()
  return text !== undefined && /^-?\d{1,15}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined
}
