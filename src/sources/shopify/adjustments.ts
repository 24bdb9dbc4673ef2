import { negate, zero } from '../../domain/decimal.ts'
import type { AmountLine } from '../../domain/transaction/line.ts'
import { formatMoney, isZero, moneyAt } from './amounts.ts'
import { idAt, type Json, objectsAt, shortTextAt, textAt } from './json.ts'
import { noteUnknown, type Reading } from './reading.ts'

type Charge = Omit<AmountLine, 'lineNumber'>

/** Shipping, duties and discrepancies that a refund gives back besides its items. */
export function readAdjustments(reading: Reading, refund: Json, currency: string): Charge[] {
  const shippingLines = objectsAt(refund, 'refund_shipping_lines')
  return [
    ...objectsAt(refund, 'order_adjustments').flatMap((one) =>
      // Newer versions say refunded shipping in lines of its own; a version that says both means the same money.
      shippingLines.length > 0 && textAt(one, 'kind') === 'shipping_refund'
        ? []
        : readAdjustment(reading, one, currency),
    ),
    ...shippingLines.flatMap((one) =>
      charge({ amount: moneyAt(one, 'subtotal_amount') ?? zero, tax: moneyAt(one, 'tax_amount') ?? zero }, currency, {
        reasonCode: 'SHIPPING',
        id: idAt(one, 'id'),
      }),
    ),
    ...objectsAt(refund, 'duties').flatMap((one) =>
      charge({ amount: moneyAt(one, 'amount') ?? zero, tax: zero }, currency, {
        reasonCode: 'DUTIES',
        id: idAt(one, 'duty_id'),
      }),
    ),
  ]
}

/**
 * Adjustments have the sign of the shop's turnover: below zero more goes back than the items came to, above zero less. `amount` does
 * not hold `tax_amount`.
 */
function readAdjustment(reading: Reading, adjustment: Json, currency: string): Charge[] {
  const kind = textAt(adjustment, 'kind')
  const amount = negate(moneyAt(adjustment, 'amount') ?? zero)
  const tax = negate(moneyAt(adjustment, 'tax_amount') ?? zero)
  const id = idAt(adjustment, 'id')
  if (kind === 'shipping_refund') return charge({ amount, tax }, currency, { reasonCode: 'SHIPPING', id })
  // Only says that the money has not moved yet, and goes away when it has.
  if (/^pending/i.test(shortTextAt(adjustment, 'reason') ?? '')) return []
  if (kind !== undefined && kind !== 'refund_discrepancy') noteUnknown(reading, 'order_adjustments.kind', kind)
  const extensions =
    kind !== undefined && kind !== 'refund_discrepancy' ? { 'shopify:kind': kind.slice(0, 64) } : undefined
  return charge({ amount, tax }, currency, { reasonCode: 'REFUND_DISCREPANCY', id, extensions })
}

interface ChargeNames {
  reasonCode: 'SHIPPING' | 'DUTIES' | 'REFUND_DISCREPANCY'
  id: string | undefined
  extensions?: Record<string, unknown> | undefined
}

/** What is given back, above zero, as a line below zero. */
function charge(
  { amount, tax }: { amount: typeof zero; tax: typeof zero },
  currency: string,
  { reasonCode, id, extensions }: ChargeNames,
): Charge[] {
  if (isZero(amount) && isZero(tax)) return []
  return [
    {
      // A discrepancy belongs to the goods: it makes their refund larger or smaller.
      lineType: reasonCode === 'REFUND_DISCREPANCY' ? 'DISCOUNT' : 'FEE',
      amount: formatMoney(negate(amount), currency),
      reasonCode,
      ...(id !== undefined && { reference: id }),
      ...(!isZero(tax) && {
        taxes: [{ taxType: 'SALES', taxAmount: formatMoney(negate(tax), currency), includedInPrice: false }],
      }),
      ...(extensions && { extensions }),
    },
  ]
}
