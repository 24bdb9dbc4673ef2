import type { LineTax, TaxLine } from '../../domain/transaction/line.ts'
import type { Amounts } from './amounts.ts'
import type { BasketLine } from './basket.ts'
import { type TaxRule, taxCategories } from './countries.ts'
import type { StorePlan } from './store-plan.ts'

/** What a receipt says of one tax: its base as priced (with the tax where prices contain it) and the tax. */
export interface TaxSum {
  rule: TaxRule
  baseMinor: bigint
  taxMinor: bigint
}

export interface Taxes {
  /** By line of the basket; empty for a voided line. */
  ofLines: LineTax[][]
  sums: TaxSum[]
}

/**
 * Taxes of a basket, by line and by rate; the lines of a rate sum to the rate exactly. Where a country rounds once for the
 * receipt, a line's tax is what rounding the running total adds: never a minor unit beyond the rate on the line itself, and right
 * with goods taken back in between, which shares by weight would not be.
 */
export function taxesOf({ rules, profile }: StorePlan, amounts: Amounts, basket: readonly BasketLine[]): Taxes {
  const sums: TaxSum[] = []
  const byLine = profile.taxRounding === 'LINE'
  const ofLines = basket.map((line): LineTax[] => {
    if (line.voided) return []
    const exempt = line.exempt || line.item.taxCategory === 'exempt'
    return rules.taxes[exempt ? 'exempt' : line.item.taxCategory].map((rule): LineTax => {
      const sum = sumOf(sums, rule)
      sum.baseMinor += line.netMinor
      const taxMinor = byLine ? amounts.tax(line.netMinor, rule) : amounts.tax(sum.baseMinor, rule) - sum.taxMinor
      sum.taxMinor += taxMinor
      return {
        ...headOf(rule),
        taxableAmount: amounts.text(line.netMinor),
        taxAmount: amounts.text(taxMinor),
        includedInPrice: rules.taxIncluded,
        ...(exempt && { exempt: exemptionOf(line) }),
      }
    })
  })
  return { ofLines, sums }
}

/** The summary as it is printed. */
export function taxLine(sum: TaxSum, { rules }: StorePlan, amounts: Amounts, lineNumber: number): TaxLine {
  return {
    lineNumber,
    lineType: 'TAX',
    ...headOf(sum.rule),
    taxableAmount: amounts.text(sum.baseMinor),
    taxAmount: amounts.text(sum.taxMinor),
    includedInPrice: rules.taxIncluded,
  }
}

/** Whether some goods bear two taxes: then the bases of the rates overlap and do not sum to the turnover. */
export function hasSeveralTaxes({ rules }: StorePlan): boolean {
  return taxCategories.some((category) => rules.taxes[category].length > 1)
}

/** Rules of one rate and authority are one line of the summary, whatever they are for. */
function sumOf(sums: TaxSum[], rule: TaxRule): TaxSum {
  for (const sum of sums) {
    if (sum.rule.ratePercent === rule.ratePercent && sum.rule.taxAuthority === rule.taxAuthority) return sum
  }
  const sum = { rule, baseMinor: 0n, taxMinor: 0n }
  sums.push(sum)
  return sum
}

function headOf({ taxType, ratePercent, taxAuthority }: TaxRule): Pick<TaxLine, 'taxType' | 'ratePercent'> {
  return { ...(taxAuthority !== undefined && { taxAuthority }), taxType, ratePercent }
}

function exemptionOf({ exempt }: BasketLine): NonNullable<LineTax['exempt']> {
  return exempt ? { reason: 'RESALE', certificate: 'EX-0001' } : { reason: 'POSTAGE' }
}
