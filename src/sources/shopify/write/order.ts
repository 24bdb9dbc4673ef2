import type { ReadContext } from '../../../contract/source.ts'
import { decimal, multiply, sum, zero } from '../../../domain/decimal.ts'
import type { AmountLine, SaleLine } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { formatMoney } from '../amounts.ts'
import { isWeighed } from '../weighed.ts'
import { WrittenDiscounts } from './discounts.ts'
import { type ItemWriting, writeAmountItem, writeItem } from './items.ts'
import { idsOf, placeOf, timeOf } from './place.ts'
import { writeTaxes } from './taxes.ts'
import { extensionText, idValue, moneySet } from './vendor-json.ts'

/** The sale of a receipt as an order: goods, gift cards, tips and fees. Returned goods and payments are objects of their own. */
export function writeOrder(transaction: Transaction, context: ReadContext, refunds: readonly object[] = []): object {
  const { currency, totals } = transaction
  const isFact = transaction.vendorFact !== undefined
  const ids = idsOf(transaction, context)
  const discounts = new WrittenDiscounts()
  const items = writeItems(transaction, { currency, isFact, ids, discounts })
  const at = timeOf(transaction)
  const shown = shownTotal(transaction)
  const version = transaction.source?.version
  return {
    id: idValue(ids.own),
    name: transaction.receiptNumber ?? (isFact ? null : `#${transaction.sequenceNumber}`),
    ...{
      created_at: at,
      processed_at: at,
      ...(isFact ? version !== undefined && { updated_at: version } : { updated_at: at }),
    },
    currency,
    financial_status: extensionText(transaction, 'financial_status') ?? 'paid',
    source_name: isFact
      ? (extensionText(transaction, 'source_name') ?? null)
      : transaction.channel === 'ECOM'
        ? 'web'
        : 'pos',
    ...placeOf(transaction),
    taxes_included: isTaxIncluded(transaction),
    test: transaction.trainingMode === true,
    ...(transaction.customerId !== undefined && { customer: { id: idValue(transaction.customerId) } }),
    total_line_items_price: formatMoney(sum(goodsOf(transaction)), currency),
    ...(isFact && totals?.grandTotal !== undefined && { total_price: totals.grandTotal }),
    ...(isFact && totals?.taxTotal !== undefined && { total_tax: totals.taxTotal }),
    ...(shown && { total_price_set: { presentment_money: shown } }),
    ...(extensionText(transaction, 'cash_rounding') !== undefined && {
      total_cash_rounding_payment_adjustment_set: moneySet(
        extensionText(transaction, 'cash_rounding') ?? '0',
        currency,
      ),
    }),
    discount_applications: discounts.applications,
    line_items: items,
    ...writeCharges(transaction, isFact),
    tax_lines: writeTaxes(summaryOf(transaction), currency, isFact),
    refunds,
  }
}

const counts = (line: { voided?: boolean }, isFact: boolean) => isFact || !line.voided

function writeItems(transaction: Transaction, writing: ItemWriting): object[] {
  const { isFact, currency } = writing
  const duties = feesOf(transaction, isFact).filter(({ reasonCode }) => reasonCode === 'DUTIES')
  const items = transaction.lines.flatMap((line) => {
    if (line.lineType === 'SALE' && counts(line, isFact)) return [writeItem(line, writing)]
    const isItem =
      line.lineType === 'GIFT_CARD' || (line.lineType === 'TIP' && extensionText(line, 'line_item_id') !== undefined)
    return isItem && counts(line, isFact) ? [writeAmountItem(line as AmountLine, writing)] : []
  })
  // Duties hang on items; which one, the model does not keep.
  return items.map((item, index) =>
    index === 0 ? { ...item, duties: duties.map((duty) => writeDuty(duty, currency)) } : item,
  )
}

function writeDuty({ amount, reference, taxes = [] }: AmountLine, currency: string): object {
  const money = { amount, currency_code: currency }
  return {
    ...(reference !== undefined && { id: reference }),
    ...{ shop_money: money, presentment_money: money, tax_lines: writeTaxes(taxes, currency, true) },
  }
}

function writeCharges(transaction: Transaction, isFact: boolean): object {
  const { currency } = transaction
  const fees = feesOf(transaction, isFact)
  const shipping = fees.filter(({ reasonCode }) => reasonCode !== 'DUTIES' && reasonCode !== 'ADDITIONAL_FEES')
  const additional = fees.find(({ reasonCode }) => reasonCode === 'ADDITIONAL_FEES')
  const tip = tipOf(transaction, isFact)
  return {
    shipping_lines: shipping.map((line) => writeShipping(line, currency, isFact)),
    ...(additional && { original_total_additional_fees_set: moneySet(additional.amount, currency) }),
    ...(tip.unscaled !== 0n && { total_tip_received: formatMoney(tip, currency) }),
  }
}

function writeShipping(
  { amount, description, reference, taxes = [] }: AmountLine,
  currency: string,
  isFact: boolean,
): object {
  return {
    ...(reference !== undefined && (/^\d+$/.test(reference) ? { id: idValue(reference) } : { code: reference })),
    ...(description !== undefined && { title: description }),
    price: amount,
    price_set: moneySet(amount, currency),
    tax_lines: writeTaxes(taxes, currency, isFact),
    discount_allocations: [],
  }
}

function feesOf({ lines }: Transaction, isFact: boolean): AmountLine[] {
  return lines.filter((line): line is AmountLine => line.lineType === 'FEE' && counts(line, isFact))
}

/** Tips that are no items: lines of their own, else the tips that were given with the payments. */
function tipOf({ lines }: Transaction, isFact: boolean) {
  const tips = lines.filter((line): line is AmountLine => line.lineType === 'TIP' && counts(line, isFact))
  if (tips.length > 0) {
    const loose = tips.filter((line) => extensionText(line, 'line_item_id') === undefined)
    return sum(loose.map(({ amount }) => decimal(amount)))
  }
  return sum(lines.map((line) => (line.lineType === 'TENDER' && !line.voided ? decimal(line.tip ?? '0') : zero)))
}

/** The tax summary counts where the lines have no taxes. */
function summaryOf({ lines }: Transaction) {
  const hasTaxes = lines.some((line) => 'taxes' in line && (line.taxes?.length ?? 0) > 0)
  return hasTaxes ? [] : lines.filter((line) => line.lineType === 'TAX').filter((line) => !line.voided)
}

export function isTaxIncluded({ lines }: Transaction): boolean {
  return lines.some((line) =>
    line.lineType === 'TAX'
      ? line.includedInPrice
      : 'taxes' in line && (line.taxes ?? []).some((tax) => tax.includedInPrice),
  )
}

/** Price times quantity of what is a line item, tips aside. */
function goodsOf({ lines, vendorFact }: Transaction) {
  return lines.map((line) => {
    if (!counts(line, vendorFact !== undefined)) return zero
    if (line.lineType === 'GIFT_CARD') return decimal(line.amount)
    if (line.lineType !== 'SALE') return zero
    return isWeighed(line.quantity) ? decimal(line.extendedAmount) : multiply(decimal(line.quantity), unitPriceOf(line))
  })
}

function unitPriceOf(line: SaleLine) {
  return decimal(line.actualUnitPrice ?? line.regularUnitPrice ?? line.extendedAmount)
}

function shownTotal({ extensions }: Transaction): object | undefined {
  const shown = extensions?.['shopify:presentment'] as { currency: string; total?: string } | undefined
  if (!shown) return undefined
  return { currency_code: shown.currency, ...(shown.total !== undefined && { amount: shown.total }) }
}
