import { subtract, sum, zero } from '../../domain/decimal.ts'
import type { AmountLine, TaxLine } from '../../domain/transaction/line.ts'
import { formatMoney, isZero, moneyAt } from './amounts.ts'
import { isTip } from './item-line.ts'
import { type Json, objectsAt, shortTextAt } from './json.ts'
import { readRate, readTaxes, type TaxTerms } from './taxes.ts'

type Charge = Omit<AmountLine, 'lineNumber'>

/** What an order asks for besides its items: shipping, additional fees, and a tip that is no item. */
export function readCharges(order: Json, terms: TaxTerms): Charge[] {
  return [
    ...objectsAt(order, 'shipping_lines').map((line) => readShipping(line, terms)),
    ...readFees(order, terms),
    ...readTip(order, terms),
  ]
}

function readShipping(line: Json, terms: TaxTerms): Charge {
  const price = moneyAt(line, 'price') ?? zero
  const discounts = sum(objectsAt(line, 'discount_allocations').map((one) => moneyAt(one, 'amount') ?? zero))
  const net = subtract(price, discounts)
  const title = shortTextAt(line, 'title', 1024)
  const reference = shortTextAt(line, 'id') ?? shortTextAt(line, 'code')
  const taxes = readTaxes(objectsAt(line, 'tax_lines'), terms, net)
  return {
    lineType: 'FEE',
    amount: formatMoney(net, terms.currency),
    ...(title !== undefined && { description: title }),
    reasonCode: 'SHIPPING',
    ...(reference !== undefined && { reference }),
    ...(taxes.length > 0 && { taxes }),
  }
}

function readFees(order: Json, { currency }: TaxTerms): Charge[] {
  const fees = moneyAt(order, 'original_total_additional_fees') ?? zero
  if (isZero(fees)) return []
  const amount = formatMoney(fees, currency)
  return [{ lineType: 'FEE', amount, description: 'Additional fees', reasonCode: 'ADDITIONAL_FEES' }]
}

/** `total_tip_received` is the sum of the tips among the items; it stands for itself only where there are none. */
function readTip(order: Json, { currency }: TaxTerms): Charge[] {
  const tip = moneyAt(order, 'total_tip_received') ?? zero
  if (isZero(tip) || objectsAt(order, 'line_items').some(isTip)) return []
  return [{ lineType: 'TIP', amount: formatMoney(tip, currency), description: 'Tip' }]
}

/** The taxes of the order as a whole, for shapes whose items have none: never both, they are the same money twice. */
export function readTaxSummary(order: Json, { currency, taxesIncluded }: TaxTerms): Omit<TaxLine, 'lineNumber'>[] {
  const taxed = [...objectsAt(order, 'line_items'), ...objectsAt(order, 'shipping_lines')]
  if (taxed.some((one) => objectsAt(one, 'tax_lines').length > 0)) return []
  return objectsAt(order, 'tax_lines').map((line) => ({
    lineType: 'TAX',
    ...readRate(line),
    taxAmount: formatMoney(moneyAt(line, 'price') ?? zero, currency),
    includedInPrice: taxesIncluded,
  }))
}
