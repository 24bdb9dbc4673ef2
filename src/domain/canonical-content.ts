import type { Transaction } from './transaction/transaction.ts'

/**
 * The business content that the content hash covers, version 1: what makes two uploads of one till number the same sale.
 *
 * Left out is what may differ between two honest uploads of one receipt: transport (`source`, the version of the shape), the
 * order and choice of `extensions` (a newer export names more of them), and what the hub derived from the store's calendar (a
 * day or an offset may be derived differently after a correction of the profile). Personal data is left out as well: a hash
 * over it would outlive an erasure. Of a vendor's fact the totals are left out too: vendors go on counting in the header of a
 * thing that has long happened, and the lines carry the money.
 *
 * Keys are in order, so that `JSON.stringify` of the result is its RFC 8785 form.
 */
export function canonicalContent(transaction: Transaction): object {
  const { utcOffsetSource, businessDayDateSource } = transaction
  const offsetsDerived = utcOffsetSource === 'DERIVED' || utcOffsetSource === 'AMBIGUOUS'
  const kept = keepContent(transaction, offsetsDerived) ?? {}
  if (businessDayDateSource === 'DERIVED') delete kept.businessDayDate
  if (transaction.vendorFact) delete kept.totals
  return kept
}

const leftOut = new Set([
  ...['schemaVersion', 'source', 'extensions', 'businessDayDateSource', 'utcOffsetSource', 'timeZone'],
  ...['customerId', 'loyaltyAccountId', 'accountId'],
])

const timeNames = new Set('beginDateTime endDateTime authorizedAt openedAt closedAt startTime logTime'.split(' '))

/** Fields that hold amounts. Text that only looks like a number (an item id, a receipt number) keeps its zeros. */
const amountNames = new Set([
  // lines
  ...['amount', 'extendedAmount', 'discountAmount', 'netAmount', 'quantity', 'regularUnitPrice', 'actualUnitPrice'],
  ...['percent', 'ratePercent', 'taxableAmount', 'taxAmount', 'tenderedAmount', 'changeAmount', 'cashback', 'rate'],
  ...['balanceAfter', 'pointsEarned', 'pointsRedeemed', 'pointsAdjusted'],
  // totals
  ...['grossSales', 'discounts', 'netSales', 'taxIncluded', 'taxAdded', 'taxTotal', 'rounding', 'tip', 'grandTotal'],
  ...['tenderTotal', 'changeTotal', 'nonSalesTotal', 'itemCount'],
  // sessions and reports
  ...['openingFloat', 'cashSales', 'cashRefunds', 'paidIn', 'paidOut', 'loans', 'pickups', 'closingCount', 'overShort'],
  ...['net', 'tax', 'gross', 'value', 'previous', 'current'],
])

/** A field that is absent and one that says nothing (undefined, `false`, an empty list or object) are the same. */
function keepContent(source: object, offsetsDerived: boolean): Record<string, unknown> | undefined {
  const fields = source as Record<string, unknown>
  const kept: Record<string, unknown> = {}
  let isEmpty = true
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key]
    if (field === undefined || field === false || leftOut.has(key)) continue
    const content = keepField(key, field, offsetsDerived)
    if (content === undefined) continue
    kept[key] = content
    isEmpty = false
  }
  return isEmpty ? undefined : kept
}

function keepField(name: string, field: unknown, offsetsDerived: boolean): unknown {
  if (typeof field === 'string') {
    if (amountNames.has(name)) return trimDecimal(field)
    return offsetsDerived && timeNames.has(name) ? field.replace(/(Z|[+-]\d{2}:\d{2})$/, '') : field
  }
  if (field === null || typeof field !== 'object') return field
  if (!Array.isArray(field)) return keepContent(field, offsetsDerived)
  // The place in a list says something, so what is empty keeps its place.
  return field.length === 0 ? undefined : field.map((one) => keepField('', one, offsetsDerived) ?? {})
}

/** 1.50 and 1.5 are one amount, and so are -0 and 0. The schema has seen to it that this is a decimal. */
function trimDecimal(text: string): string {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return trimmed === '-0' ? '0' : trimmed
}
