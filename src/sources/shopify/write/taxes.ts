import { absolute, decimal, divide } from '../../../domain/decimal.ts'
import type { TaxType } from '../../../domain/transaction/codes.ts'
import type { LineTax, TaxLine } from '../../../domain/transaction/line.ts'
import { formatMoney } from '../amounts.ts'
import { readRate } from '../taxes.ts'
import { moneySet, numberValue } from './vendor-json.ts'

const titles: Readonly<Record<TaxType, string>> = {
  VAT: 'VAT',
  GST: 'GST',
  PST: 'PST',
  HST: 'HST',
  SALES: 'Sales tax',
  EXCISE: 'Excise',
  USE_TAX: 'Use tax',
  OTHER: 'Tax',
}

/** The tax lines of an item. `isFact`: the title is Shopify's own, and may be missing. */
export function writeTaxes(taxes: readonly (LineTax | TaxLine)[], currency: string, isFact: boolean): object[] {
  return taxes.map((tax) => {
    const price = formatMoney(absolute(decimal(tax.taxAmount ?? '0')), currency)
    const title = isFact ? tax.taxAuthority : titleOf(tax)
    return {
      ...(title !== undefined && { title }),
      price,
      ...(tax.ratePercent !== undefined && { rate: numberValue(divide(decimal(tax.ratePercent), decimal('100'), 7)) }),
      price_set: moneySet(price, currency),
    }
  })
}

/** The authority's name where it says which kind of tax it is, else the kind. */
function titleOf({ taxAuthority, taxType, ratePercent }: LineTax | TaxLine): string {
  if (taxAuthority !== undefined && readRate({ title: taxAuthority }).taxType === taxType) return taxAuthority
  return ratePercent === undefined ? titles[taxType] : `${titles[taxType]} ${ratePercent}%`
}
