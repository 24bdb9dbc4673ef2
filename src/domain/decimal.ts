/**
 * Exact decimals: an integer and a scale. 12.50 is `{ unscaled: 1250n, scale: 2 }`. No float ever touches an amount.
 */
export interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}

export type RoundingMode = 'HALF_UP' | 'HALF_EVEN' | 'UP' | 'DOWN'

export const zero: Decimal = { unscaled: 0n, scale: 0 }

const decimalPattern = /^([+-]?)(\d{1,30})(?:\.(\d{0,20}))?$/
/** So many digits are exact in a double; longer numbers take the slow way. */
const exactDigits = 15

/** Reads plain decimal text (`-12.50`, `1.`). Anything else, exponents and separators included, is `undefined`. */
export function parseDecimal(text: string): Decimal | undefined {
  return parseShort(text) ?? parseLong(text)
}

/** Amounts are short, and a receipt has dozens of them: no pattern, no strings, one conversion at the end. */
function parseShort(text: string): Decimal | undefined {
  if (text.length === 0 || text.length > exactDigits) return undefined
  const sign = text.charCodeAt(0)
  const from = sign === 0x2d || sign === 0x2b ? 1 : 0
  let value = 0
  let pointAt = -1
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) value = value * 10 + (code - 0x30)
    else if (code === 0x2e && pointAt < 0 && at > from) pointAt = at
    else return undefined
  }
  if (text.length === from) return undefined
  return { unscaled: BigInt(sign === 0x2d ? -value : value), scale: pointAt < 0 ? 0 : text.length - pointAt - 1 }
}

function parseLong(text: string): Decimal | undefined {
  const match = decimalPattern.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const unscaled = BigInt(whole + fraction)
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale: fraction.length }
}

/** As `parseDecimal`, for text that a schema has already checked. Throws on anything else. */
export function decimal(text: string): Decimal {
  const parsed = parseDecimal(text)
  if (!parsed) throw new TypeError('not a decimal')
  return parsed
}

/** Plain text with at least `minimumScale` decimals; trailing zeros beyond that are dropped. */
export function formatDecimal(value: Decimal, minimumScale = 0): string {
  let { unscaled, scale } = value
  while (scale > minimumScale && unscaled % 10n === 0n) {
    unscaled /= 10n
    scale -= 1
  }
  if (scale < minimumScale) {
    unscaled *= 10n ** BigInt(minimumScale - scale)
    scale = minimumScale
  }
  const negative = unscaled < 0n
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
  return negative ? `-${text}` : text
}

export function add(left: Decimal, right: Decimal): Decimal {
  if (left.scale === right.scale) return { unscaled: left.unscaled + right.unscaled, scale: left.scale }
  const scale = Math.max(left.scale, right.scale)
  return { unscaled: unscaledAt(left, scale) + unscaledAt(right, scale), scale }
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  return add(left, negate(right))
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return { unscaled: left.unscaled * right.unscaled, scale: left.scale + right.scale }
}

export function negate(value: Decimal): Decimal {
  return { unscaled: -value.unscaled, scale: value.scale }
}

export function absolute(value: Decimal): Decimal {
  return value.unscaled < 0n ? negate(value) : value
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = zero
  for (const value of values) total = add(total, value)
  return total
}

/** Below, at or above zero as the left is smaller, equal or larger. */
export function compare(left: Decimal, right: Decimal): number {
  const difference = subtract(left, right).unscaled
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Exact division is not always possible: the quotient is rounded to `scale`. Throws on a zero divisor. */
export function divide(left: Decimal, right: Decimal, scale: number, mode: RoundingMode = 'HALF_UP'): Decimal {
  if (right.unscaled === 0n) throw new RangeError('division by zero')
  const shift = scale - left.scale + right.scale
  const numerator = shift >= 0 ? left.unscaled * 10n ** BigInt(shift) : left.unscaled
  const denominator = shift >= 0 ? right.unscaled : right.unscaled * 10n ** BigInt(-shift)
  return { unscaled: divideRounded(numerator, denominator, mode), scale }
}

/** Rounds to `scale` decimals; halves go away from zero unless another mode says otherwise. */
export function roundTo(value: Decimal, scale: number, mode: RoundingMode = 'HALF_UP'): Decimal {
  if (value.scale <= scale) return { unscaled: unscaledAt(value, scale), scale }
  return { unscaled: divideRounded(value.unscaled, 10n ** BigInt(value.scale - scale), mode), scale }
}

function unscaledAt(value: Decimal, scale: number): bigint {
  return value.scale === scale ? value.unscaled : value.unscaled * 10n ** BigInt(scale - value.scale)
}

function divideRounded(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  const quotient = numerator / denominator
  const remainder = numerator % denominator
  if (remainder === 0n) return quotient
  const away = numerator < 0n !== denominator < 0n ? -1n : 1n
  const doubled = 2n * (remainder < 0n ? -remainder : remainder)
  const magnitude = denominator < 0n ? -denominator : denominator
  const roundsAway =
    mode === 'UP' ||
    (mode === 'HALF_UP' && doubled >= magnitude) ||
    (mode === 'HALF_EVEN' && (doubled > magnitude || (doubled === magnitude && quotient % 2n !== 0n)))
  return roundsAway ? quotient + away : quotient
}
