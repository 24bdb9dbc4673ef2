import { createHash } from 'node:crypto'
import { type Decimal, formatDecimal } from '../../../domain/decimal.ts'

/** TypeScript's library does not know it yet (ECMAScript 2026, Node 21): a number with digits that no float holds. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** An id as Shopify writes it: a number, to the last digit; a text where it is none. */
export function idValue(id: string | undefined): unknown {
  if (id === undefined) return null
  return /^(0|[1-9]\d{0,30})$/.test(id) ? rawJSON(id) : id
}

/** A JSON number, as refunds have for amounts and taxes for rates. */
export function numberValue(value: Decimal): unknown {
  return rawJSON(formatDecimal(value, 1))
}

/**
 * An id for something that Shopify never numbered, from what it is: always the same one, so that writing twice makes the same
 * facts. Sixteen digits that begin with 1 are exact in a float, and no issuer's card begins so.
 */
export function inventId(kind: string, key: string): string {
  const hash = createHash('sha256').update(`${kind} ${key}`).digest('hex').slice(0, 16)
  return String(10n ** 15n + (BigInt(`0x${hash}`) % 10n ** 15n))
}

/** An amount in the shop's currency as Shopify sets it, and what the customer saw where that was another. */
export function moneySet(amount: string, currency: string, shown?: { amount: string; currency: string }): object {
  const money = (one: { amount: string; currency: string }) => ({ amount: one.amount, currency_code: one.currency })
  return { shop_money: money({ amount, currency }), presentment_money: money(shown ?? { amount, currency }) }
}

/** A value of `extensions` that is a text. */
export function extensionText(holder: { extensions?: Record<string, unknown> }, name: string): string | undefined {
  const value = holder.extensions?.[`shopify:${name}`]
  return typeof value === 'string' ? value : undefined
}
