import type { Transaction } from './transaction/transaction.ts'

/**
 * The business content that the content hash covers, version 1: what makes two uploads of one till number the same sale.
 *
 * Left out: transport and provenance (`source`), the order and choice of `extensions` (a newer export names more of them),
 * what the hub derived (a derived day or offset may be derived differently next time), and personal data: a hash over it would
 * outlive an erasure.
 */
export function canonicalContent(transaction: Transaction): object {
  const { source, extensions, customerId, loyaltyAccountId, ...content } = transaction
  const { businessDayDate, beginDateTime, endDateTime, ...rest } = content
  const offsetDerived = content.utcOffsetSource === 'DERIVED' || content.utcOffsetSource === 'AMBIGUOUS'
  const asReported = (time: string | undefined) => (offsetDerived ? time?.replace(/(Z|[+-]\d{2}:\d{2})$/, '') : time)
  const normalised = normalise({
    ...rest,
    beginDateTime: asReported(beginDateTime),
    endDateTime: asReported(endDateTime),
    businessDayDate: content.businessDayDateSource === 'DERIVED' ? undefined : businessDayDate,
  })
  return normalised as object
}

const leftOut = new Set(['extensions', 'accountId', 'businessDayDateSource', 'utcOffsetSource', 'timeZone'])

/** Fields that hold amounts. Text that only looks like a number (an item id, a receipt number) keeps its zeros. */
const amountNames = new Set([
  ...[
    'amount',
    'tenderedAmount',
    'changeAmount',
    'extendedAmount',
    'discountAmount',
    'netAmount',
    'taxableAmount',
    'taxAmount',
  ],
  ...[
    'regularUnitPrice',
    'actualUnitPrice',
    'quantity',
    'percent',
    'ratePercent',
    'tax',
    'net',
    'gross',
    'rate',
    'value',
  ],
  ...['tip', 'cashback', 'balanceAfter', 'pointsEarned', 'pointsRedeemed', 'pointsAdjusted', 'previous', 'current'],
  ...[
    'grossSales',
    'discounts',
    'netSales',
    'taxIncluded',
    'taxAdded',
    'taxTotal',
    'rounding',
    'grandTotal',
    'tenderTotal',
  ],
  ...[
    'changeTotal',
    'nonSalesTotal',
    'itemCount',
    'openingFloat',
    'cashSales',
    'cashRefunds',
    'paidIn',
    'paidOut',
    'loans',
  ],
  ...['pickups', 'closingCount', 'overShort'],
])

/** Objects get their keys in order, so that `JSON.stringify` of the whole is its RFC 8785 form. */
function normalise(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return amountNames.has(name) ? trimDecimal(value) : value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((one) => normalise(one))
  const source = value as Record<string, unknown>
  const kept: Record<string, unknown> = {}
  for (const key of Object.keys(source).sort()) {
    const inner = source[key]
    // An absent field and one that says nothing (undefined, `false`) are the same.
    if (inner === undefined || inner === false || leftOut.has(key)) continue
    kept[key] = normalise(inner, key)
  }
  return kept
}

/** 1.50 and 1.5 are one amount, and so are -0 and 0. The schema has seen to it that this is a decimal. */
function trimDecimal(text: string): string {
  const trimmed = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return trimmed === '-0' ? '0' : trimmed
}
