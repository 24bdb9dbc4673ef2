import { currencyExponent } from '../../domain/currency.ts'
import { absolute, type Decimal, formatDecimal, roundTo } from '../../domain/decimal.ts'
import { type Json, objectAt } from './json.ts'
import { Unreadable } from './unreadable.ts'

/** What the model takes behind the point. Shopify gives amounts in whole minor units; more digits are the noise of a float. */
const decimalsMax = 5
const exponentMax = 40
const wholeMax = 10n ** 15n

/** A number or a decimal string of a document: 143.97, "143.97", 143.97000000000003 (is 143.97), 1.2e2. */
export function readNumber(text: string): Decimal | undefined {
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', power = '0'] = match
  if (Math.abs(Number(power)) > exponentMax) return undefined
  const unscaled = BigInt(`${sign}${whole}${fraction}`)
  const scale = fraction.length - Number(power)
  const value = scale < 0 ? { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 } : { unscaled, scale }
  // More digits before the point than the model takes are a mistake, and would only be carried along.
  if (absolute(value).unscaled / 10n ** BigInt(value.scale) >= wholeMax) return undefined
  return roundTo(value, Math.min(value.scale, decimalsMax))
}

/** The number of a field; undefined where it is absent. Throws `Unreadable` where it is no number. */
export function numberAt(json: Json | undefined, name: string): Decimal | undefined {
  const value = json?.[name]
  if (value === undefined || value === null || value === '') return undefined
  const number = typeof value === 'string' ? readNumber(value) : undefined
  if (!number) throw new Unreadable('money-not-decimal-string', `${name} is not a decimal number.`)
  return number
}

/**
 * An amount in the shop's currency: `<name>_set.shop_money` where there is one, else the plain field. In refunds the plain field
 * is a JSON number, and the set beside it is exact.
 */
export function moneyAt(json: Json | undefined, name: string): Decimal | undefined {
  const shopMoney = objectAt(objectAt(json, `${name}_set`), 'shop_money')
  return numberAt(shopMoney, 'amount') ?? numberAt(json, name)
}

/** An amount with the decimals of its currency, and whatever it has beyond. */
export function formatMoney(value: Decimal, currency: string): string {
  return formatDecimal(value, currencyExponent(currency) ?? 2)
}

/** Rounded to whole minor units, as money changes hands. */
export function wholeMoney(value: Decimal, currency: string): Decimal {
  return roundTo(value, currencyExponent(currency) ?? 2)
}

export function isZero(value: Decimal): boolean {
  return value.unscaled === 0n
}
