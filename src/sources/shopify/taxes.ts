import { currencyExponent } from '../../domain/currency.ts'
import { add, type Decimal, divide, formatDecimal, multiply, roundTo, sum, zero } from '../../domain/decimal.ts'
import { allocate } from '../../domain/money.ts'
import type { TaxType } from '../../domain/transaction/codes.ts'
import type { LineTax } from '../../domain/transaction/line.ts'
import { formatMoney, moneyAt, numberAt } from './amounts.ts'
import { type Json, shortTextAt } from './json.ts'

const hundred: Decimal = { unscaled: 100n, scale: 0 }

/** How taxes are meant: in which currency, and whether prices hold them already. */
export interface TaxTerms {
  currency: string
  taxesIncluded: boolean
}

/** The tax lines of an item or of shipping, as Shopify says them. `taxable` is what they were taken on. */
export function readTaxes(lines: readonly Json[], { currency, taxesIncluded }: TaxTerms, taxable: Decimal): LineTax[] {
  return lines.map((line) => ({
    ...readRate(line),
    taxableAmount: formatMoney(taxable, currency),
    taxAmount: formatMoney(moneyAt(line, 'price') ?? zero, currency),
    includedInPrice: taxesIncluded,
  }))
}

/** What a tax is, without amounts. */
export function readRate(line: Json): Pick<LineTax, 'taxAuthority' | 'taxType' | 'ratePercent'> {
  const title = shortTextAt(line, 'title')
  const rate = numberAt(line, 'rate')
  return {
    ...(title !== undefined && { taxAuthority: title }),
    taxType: taxTypeOf(title ?? ''),
    ...(rate && { ratePercent: formatDecimal(roundTo(multiply(rate, hundred), 5)) }),
  }
}

const words: readonly [RegExp, TaxType][] = [
  [/\bHST\b/i, 'HST'],
  [/\bGST\b|\bTPS\b/i, 'GST'],
  [/\b(PST|QST|RST|TVQ)\b/i, 'PST'],
  // `\b` knows ASCII only and would never find the last two.
  [/(?<![\p{L}\p{N}_])(VAT|MwSt|USt|TVA|IVA|BTW|MOMS|ALV|DPH|PVM|PDV|ÁFA|ΦΠΑ)(?![\p{L}\p{N}_])/iu, 'VAT'],
]

/** Shopify has titles, no kinds of taxes: the local names say which it is; what says nothing is a sales tax. */
function taxTypeOf(title: string): TaxType {
  return words.find(([word]) => word.test(title))?.[1] ?? 'SALES'
}

/**
 * Shares the tax of a part of a line (what is refunded) out to the taxes of the whole line, in their proportion and to the last
 * minor unit. Without tax lines it is one tax of no known rate.
 */
export function shareTax(total: Decimal, lines: readonly Json[], currency: string): { line: Json; amount: Decimal }[] {
  if (lines.length === 0) return total.unscaled === 0n ? [] : [{ line: {}, amount: total }]
  const scale = Math.max(total.scale, currencyExponent(currency) ?? 2)
  const weights = lines.map((line) => roundTo(moneyAt(line, 'price') ?? zero, 5).unscaled)
  const negative = weights.some((weight) => weight < 0n)
  const shares = allocate(roundTo(total, scale).unscaled, negative ? weights.map(() => 1n) : weights)
  return lines.map((line, index) => ({ line, amount: { unscaled: shares[index] ?? 0n, scale } }))
}

/** An item whose discounted price and taxes are known. */
export interface TaxedItem {
  net: Decimal
  tax: Decimal
  rates: readonly Decimal[]
}

/**
 * Whether prices hold their taxes, told from the figures of a document that does not say it (a refund by itself): base x rate, or
 * base x rate / (1 + rate). Undefined where rounding lets both be true.
 */
export function taxesAreIncluded(items: readonly TaxedItem[]): boolean | undefined {
  const taxed = items.filter(({ tax, rates }) => tax.unscaled !== 0n && rates.every((rate) => rate.unscaled >= 0n))
  const fits = (included: boolean) =>
    taxed.every(({ net, tax, rates }) => {
      const rate = sum(rates)
      const base = multiply(net, rate)
      const expected = included ? divide(base, add({ unscaled: 1n, scale: 0 }, rate), 8) : base
      const difference = Math.abs(Number(formatDecimal(add(tax, { ...expected, unscaled: -expected.unscaled }))))
      // Each tax of the item was rounded by itself. A guess about rounding, not an amount: a float will do.
      return difference <= 0.0051 * rates.length
    })
  const [added, included] = [fits(false), fits(true)]
  return added === included ? undefined : included
}
