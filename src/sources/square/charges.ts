import type { AmountLine } from '../../domain/transaction/line.ts'
import { child, children, defined, type Fields, shortText, text } from './fields.ts'
import { type LineContext, readTaxes } from './line-adjustments.ts'
import { sumMinor } from './money.ts'
import { translate } from './words.ts'

const chargeTypes: Readonly<Record<string, string>> = { AUTO_GRATUITY: 'AUTO_GRATUITY', CUSTOM: 'CUSTOM' }

/** Everything an order or return asks for besides its items: service charges, tips, the rounding to coins. */
export function readCharges(order: Fields, from: number, context: LineContext): AmountLine[] {
  const { money, sign } = context
  const lines = [...children(order, 'service_charges'), ...children(order, 'return_service_charges')].map(
    (charge, index) => readServiceCharge(charge, from + index, context),
  )
  const tip = tipOf(order, context)
  if (tip !== 0n) lines.push({ lineNumber: from + lines.length, lineType: 'TIP', amount: money.decimal(sign * tip) })
  const rounding = money.minor(child(order, 'rounding_adjustment'), 'amount_money') ?? 0n
  if (rounding !== 0n)
    lines.push({ lineNumber: from + lines.length, lineType: 'ROUNDING', amount: money.decimal(sign * rounding) })
  return lines
}

/** The tax of a charge that is spread over the lines stands in the lines. */
function readServiceCharge(charge: Fields, lineNumber: number, context: LineContext): AmountLine {
  const { money, sign, unknown } = context
  const isSpread = text(charge, 'treatment_type') === 'APPORTIONED_TREATMENT'
  const extensions: Record<string, unknown> = defined({
    'square:uid': text(charge, 'uid'),
    'square:treatment_type': isSpread ? 'APPORTIONED_TREATMENT' : undefined,
  })
  const reasonCode = translate(chargeTypes, {
    field: 'service_charge_type',
    word: text(charge, 'type'),
    extensions,
    unknown,
  })
  const taxes = isSpread ? [] : readTaxes(charge, context, extensions)
  const amount = money.minor(charge, 'applied_money') ?? money.minor(charge, 'amount_money') ?? 0n
  return {
    lineNumber,
    lineType: 'FEE',
    amount: money.decimal(sign * amount),
    ...defined({
      description: shortText(charge, 'name'),
      reasonCode,
      reference: text(charge, 'catalog_object_id'),
    }),
    ...(taxes.length > 0 && { taxes }),
    extensions,
  }
}

function tipOf(order: Fields, { money }: LineContext): bigint {
  const returned = children(order, 'return_tips').map((tip) => money.minor(tip, 'applied_money') ?? 0n)
  if (returned.length > 0) return sumMinor(returned)
  return money.minor(order, 'total_tip_money') ?? money.minor(child(order, 'return_amounts'), 'tip_money') ?? 0n
}
