import type { ReadContext } from '../../../contract/source.ts'
import { absolute, add, type Decimal, decimal, formatDecimal, negate, sum } from '../../../domain/decimal.ts'
import type { AmountLine, LineTax, SaleLine } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { formatMoney } from '../amounts.ts'
import { isWeighed, writeWeight } from '../weighed.ts'
import { writeIdentity } from './items.ts'
import { idsOf, locationOf, timeOf, type WrittenIds } from './place.ts'
import { writeTaxes } from './taxes.ts'
import { extensionText, idValue, moneySet, numberValue } from './vendor-json.ts'

/** What comes back, as a refund; `transactions` are the payments that go with it. */
export function writeRefund(
  transaction: Transaction,
  context: ReadContext,
  transactions: readonly object[],
  isVoid = false,
): object {
  const { currency } = transaction
  const isFact = transaction.vendorFact !== undefined
  const ids = idsOf(transaction, context)
  const lines = transaction.lines.filter((line) => isFact || !line.voided)
  const items = lines.filter(isReturned)
  const others = lines.filter((line): line is AmountLine => line.lineType === 'FEE' || line.lineType === 'DISCOUNT')
  const at = timeOf(transaction)
  return {
    id: idValue(isFact ? ids.own : ids.part('refund', 0)),
    order_id: idValue(ids.order),
    ...{ created_at: at, processed_at: at, note: null },
    user_id: idValue(transaction.operatorId),
    restock: items.some((line) => 'inventoryImpact' in line && line.inventoryImpact?.bucket === 'SELLABLE'),
    refund_line_items: items.map((line) =>
      writeLine(line, { currency, isFact, ids, location: locationOf(transaction), isVoid }),
    ),
    order_adjustments: others
      .filter(({ reasonCode }) => reasonCode !== 'DUTIES')
      .map((line) => writeAdjustment(line, currency)),
    duties: others.filter(({ reasonCode }) => reasonCode === 'DUTIES').map((line) => writeDuty(line, currency)),
    transactions,
  }
}

function isReturned(line: Transaction['lines'][number]): line is SaleLine | AmountLine {
  if (line.lineType === 'RETURN') return true
  return (line.lineType === 'GIFT_CARD' || line.lineType === 'TIP') && decimal(line.amount).unscaled <= 0n
}

interface LineWriting {
  currency: string
  isFact: boolean
  ids: WrittenIds
  location: string | undefined
  /** A receipt that is taken back as a whole: its goods never left. */
  isVoid: boolean
}

function writeLine(line: SaleLine | AmountLine, writing: LineWriting): object {
  const { currency, isFact, ids } = writing
  const isGoods = line.lineType === 'RETURN'
  const isOnePiece = !isGoods || isWeighed((line as SaleLine).quantity)
  const quantity = isOnePiece ? decimal('1') : absolute(decimal((line as SaleLine).quantity))
  const subtotal = absolute(isGoods ? netOf(line as SaleLine) : decimal((line as AmountLine).amount))
  const taxes: LineTax[] = line.taxes ?? []
  const tax = absolute(sum(taxes.map((one) => decimal(one.taxAmount ?? '0'))))
  const price = priceOf(line, subtotal, currency)
  const itemId = extensionText(line, 'line_item_id')
  return {
    id: idValue(
      extensionText(line, 'refund_line_item_id') ?? (isFact ? undefined : ids.part('refund line', line.lineNumber)),
    ),
    line_item_id: idValue(itemId ?? (isFact ? undefined : ids.part('line', line.lineNumber))),
    quantity: idValue(formatDecimal(quantity)),
    ...restockOf(line, writing),
    ...{ subtotal: numberValue(subtotal), total_tax: numberValue(tax) },
    subtotal_set: moneySet(formatMoney(subtotal, currency), currency),
    total_tax_set: moneySet(formatMoney(tax, currency), currency),
    line_item: {
      ...writeIdentity(line, ids),
      ...(price !== undefined && { price }),
      quantity: idValue(formatDecimal(quantity)),
      ...(isGoods && writeWeight(line as SaleLine)),
      requires_shipping: !('itemType' in line) || line.itemType !== 'SERVICE',
      gift_card: line.lineType === 'GIFT_CARD',
      ...(line.lineType === 'TIP' && { tip: { payment_gateway: null, payment_method: null } }),
      tax_lines: writeTaxes(taxes, currency, isFact),
    },
  }
}

/** Of one piece; of what was weighed the whole is one. */
function priceOf(line: SaleLine | AmountLine, subtotal: Decimal, currency: string): string | undefined {
  if (line.lineType !== 'RETURN') return formatMoney(subtotal, currency)
  const { quantity, extendedAmount, actualUnitPrice } = line as SaleLine
  return isWeighed(quantity) ? formatMoney(absolute(decimal(extendedAmount)), currency) : actualUnitPrice
}

function restockOf(line: SaleLine | AmountLine, { isFact, location, isVoid }: LineWriting): object {
  if (isFact) {
    const type = extensionText(line, 'restock_type')
    return {
      ...(type !== undefined && { restock_type: type }),
      location_id: idValue(extensionText(line, 'location_id')),
    }
  }
  if (isVoid) return { restock_type: 'cancel', location_id: idValue(location) }
  const bucket = 'inventoryImpact' in line ? line.inventoryImpact?.bucket : undefined
  const isBack = bucket === undefined || bucket === 'SELLABLE'
  return { restock_type: isBack ? 'return' : 'no_restock', location_id: isBack ? idValue(location) : null }
}

function netOf(line: SaleLine) {
  if (line.netAmount !== undefined) return decimal(line.netAmount)
  return add(decimal(line.extendedAmount), sum((line.priceModifiers ?? []).map(({ amount }) => decimal(amount))))
}

function writeAdjustment(line: AmountLine, currency: string): object {
  const tax = sum((line.taxes ?? []).map((one) => decimal(one.taxAmount ?? '0')))
  const kind = extensionText(line, 'kind') ?? (line.lineType === 'FEE' ? 'shipping_refund' : 'refund_discrepancy')
  return {
    id: idValue(line.reference),
    amount: line.amount,
    tax_amount: formatMoney(tax, currency),
    kind,
    amount_set: moneySet(line.amount, currency),
  }
}

function writeDuty(line: AmountLine, currency: string): object {
  const amount = formatMoney(negate(decimal(line.amount)), currency)
  return { duty_id: idValue(line.reference), amount_set: moneySet(amount, currency) }
}
