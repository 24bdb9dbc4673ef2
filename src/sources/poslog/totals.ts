import type { Totals } from '../../domain/transaction/totals.ts'
import { belowZero, readDecimal } from './amounts.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, childrenOf, type Element, localPart } from './element.ts'
import type { LineContext } from './line-context.ts'
import { extend, keepWord } from './notes.ts'

const totalNames: ReadonlyMap<string, keyof Totals> = new Map([
  ['TransactionGrossAmount', 'grossSales'],
  ['TransactionNetAmount', 'netSales'],
  ['TransactionTaxAmount', 'taxTotal'],
  ['TransactionTaxIncluded', 'taxIncluded'],
  ['TransactionTaxSurcharge', 'taxAdded'],
  ['TransactionTipAmount', 'tip'],
  ['TransactionNonSalesAmount', 'nonSalesTotal'],
  ['TransactionGrandAmount', 'grandTotal'],
  ['TransactionTenderApplied', 'tenderTotal'],
  ['TransactionItemCount', 'itemCount'],
  ['TransactionPurchaseQuantity', 'itemCount'],
  ['DiscountAmount', 'discounts'],
])

/** Totals that have no place in the model and are no news. */
const keptTotals = new Set([
  'TransactionTaxExemptAmount',
  'TransactionTaxForgivenAmount',
  'TransactionSubtotal',
  'TransactionBalanceDueAmount',
  'TransactionCouponTotal',
  'TransactionTotalSavings',
  'GrossPositive',
  'GrossNegative',
  'DiscountTotal',
  'NonResettableGrandTotal',
  'PreviousNonResettableGrandTotal',
])

/** The till's own figures; those without a place in the model stay in `extensions.totals`. */
export function readTotals(content: Element, context: LineContext): void {
  const totals: Totals = {}
  const others: Record<string, string> = {}
  for (const element of childrenOf(content, 'Total')) {
    const amount = readDecimal(element)
    const type = attributeOf(element, 'TotalType')
    if (amount === undefined || type === undefined) continue
    const name = totalNames.get(type) ?? totalNames.get(localPart(type))
    const typeCode = attributeOf(element, 'TypeCode') ?? ''
    const goesBack = context.takesBack || /^(Return|Refund)$/.test(typeCode)
    if (name === 'discounts') totals.discounts = context.takesBack ? amount : belowZero(amount)
    else if (name === 'itemCount') totals.itemCount ??= amount
    else if (name !== undefined) totals[name] ??= goesBack ? belowZero(amount) : amount
    else {
      if (!keptTotals.has(type) && !keptTotals.has(localPart(type)))
        keepWord(type, { name: 'TotalType', notes: context.notes, extended: {} })
      if (Object.keys(others).length < 32) others[cutText(type, 64)] = amount
    }
  }
  const itemCount = childrenOf(content, 'ItemCount')[0] ?? childrenOf(content, 'acs:ItemCount')[0]
  const count = readDecimal(itemCount)
  if (count !== undefined) totals.itemCount ??= count
  if (Object.keys(totals).length > 0) context.transaction.totals = totals
  if (Object.keys(others).length > 0) extend(context.transaction, 'totals', others)
}

/** A total that only its local name identifies, whatever prefix its vendor uses. */
export function vendorTotal(content: Element, localName: string): string | undefined {
  const element = childrenOf(content, 'Total').find(
    (one) => localPart(attributeOf(one, 'TotalType') ?? '') === localName,
  )
  return readDecimal(element)
}
