import { isSaleLine } from '../../domain/compute-totals.ts'
import { add, decimal, formatDecimal, subtract, zero } from '../../domain/decimal.ts'
import type { Line, SaleLine } from '../../domain/transaction/line.ts'
import { isZero, magnitude } from './amounts.ts'
import type { Element } from './element.ts'
import type { LineContext } from './line-context.ts'
import { vendorTotal } from './totals.ts'

/**
 * NCR ACS takes rewards and voided items off in one figure, `acs:GrossNegative`, outside the lines. A voided item stands there
 * twice: once as it was sold, once with VoidFlag and all signs turned. Both are voided here, so that stock and sales do not count
 * what stayed in the shop; what is left of the figure is the money that rewards took: one DISCOUNT line.
 */
export function readGrossNegative(content: Element, { transaction }: LineContext): void {
  const stated = vendorTotal(content, 'GrossNegative')
  if (stated === undefined || isZero(stated)) return
  let voided = zero
  for (const reversal of transaction.lines) {
    if (reversal.lineType !== 'RETURN' || !reversal.voided) continue
    const original = findOriginal(transaction.lines, reversal)
    if (!original) continue
    original.voided = true
    voided = add(voided, decimal(reversal.extendedAmount))
  }
  const rest = subtract(decimal(stated), voided)
  if (rest.unscaled === 0n) return
  const lineNumber = transaction.lines.reduce((highest, line) => Math.max(highest, line.lineNumber), 0) + 1
  const reference = 'acs:GrossNegative'
  transaction.lines.push({ lineNumber, lineType: 'DISCOUNT', amount: formatDecimal(rest, 2), reference })
}

/** The nearest line before that sold the same thing for the same money. */
function findOriginal(lines: readonly Line[], reversal: SaleLine): SaleLine | undefined {
  const before = lines.slice(0, lines.indexOf(reversal)).filter(isSaleLine)
  return before.findLast(
    (line) =>
      line.lineType === 'SALE' &&
      !line.voided &&
      line.itemId === reversal.itemId &&
      line.extendedAmount === magnitude(reversal.extendedAmount) &&
      line.quantity === magnitude(reversal.quantity),
  )
}
