import { formatDecimal, parseDecimal } from './decimal.ts'
import type { Transaction } from './transaction/transaction.ts'

/**
 * The business content that the content hash covers, version 1: what makes two uploads of one till number the same sale.
 *
 * Left out: transport and provenance (`source`), the order and choice of `extensions` (a newer export names more of them),
 * what the hub derived (a derived day or offset may be derived differently next time), and personal data: a hash over it would
 * outlive an erasure.
 */
export function canonicalContent(transaction: Transaction): unknown {
  const { source, extensions, customerId, loyaltyAccountId, ...content } = transaction
  const { businessDayDate, beginDateTime, endDateTime, ...rest } = content
  const offsetDerived = content.utcOffsetSource === 'DERIVED' || content.utcOffsetSource === 'AMBIGUOUS'
  const asReported = (time: string | undefined) => (offsetDerived ? time?.replace(/(Z|[+-]\d{2}:\d{2})$/, '') : time)
  return normalise({
    ...rest,
    beginDateTime: asReported(beginDateTime),
    endDateTime: asReported(endDateTime),
    businessDayDate: content.businessDayDateSource === 'DERIVED' ? undefined : businessDayDate,
  })
}

const leftOut = new Set(['extensions', 'accountId', 'businessDayDateSource', 'utcOffsetSource', 'timeZone'])
/** Names whose values are text that only looks like numbers: leading zeros and trailing zeros carry meaning there. */
const amountNames =
  /^(amount|.*Amount|quantity|.*Price|percent|ratePercent|tax|net|gross|rate|tip|cashback|balanceAfter|points.*|value|previous|current|gross.*|discounts|net.*|tax(Included|Added|Total)|rounding|.*Total|itemCount|openingFloat|cash(Sales|Refunds)|paid(In|Out)|loans|pickups|closingCount|overShort)$/

function normalise(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((one) => normalise(one))
  if (value !== null && typeof value === 'object') {
    const kept: Record<string, unknown> = {}
    for (const [key, inner] of Object.entries(value)) {
      // An absent field and one that says nothing (undefined, `false`) are the same.
      if (inner === undefined || inner === false || leftOut.has(key)) continue
      kept[key] = normalise(inner, key)
    }
    return kept
  }
  if (typeof value === 'string' && amountNames.test(name)) {
    const parsed = parseDecimal(value)
    if (parsed) return formatDecimal(parsed)
  }
  return value
}
