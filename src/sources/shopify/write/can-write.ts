import { add, compare, decimal, multiply, sum } from '../../../domain/decimal.ts'
import type { Line, LineTax, SaleLine } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { isWeighed } from '../weighed.ts'
import { hasGateway } from './payment.ts'
import { asSoldByShopify } from './till-receipt.ts'

const writtenFacts = new Set(['order', 'refund', 'transaction', 'pending_transaction', 'tender_transaction'])
const writtenTypes = new Set(['SALE', 'RETURN', 'EXCHANGE'])

/**
 * Whether Shopify has words for a transaction. Of its own facts all that are objects by themselves: an addition and a cancellation
 * are only told within their order. Of a till's receipts completed sales, returns, exchanges, and voids of sales.
 */
export function canWrite(given: Transaction): boolean {
  const transaction = asSoldByShopify(given)
  const { vendorFact, lines } = transaction
  if (vendorFact) return writtenFacts.has(vendorFact.objectType) && vendorFact.account !== '' && lines.length > 0
  return (
    transaction.sequenceNumber !== undefined &&
    transaction.workstationId !== undefined &&
    transaction.status === 'COMPLETED' &&
    writtenTypes.has(transaction.transactionType) &&
    lines.some((line) => !line.voided) &&
    lines.filter((line) => !line.voided).every(hasWords) &&
    hasOneTaxRule(transaction) &&
    // A refund within an order cannot say that it is a test.
    !(transaction.trainingMode && lines.some((line) => line.lineType === 'RETURN'))
  )
}

function hasWords(line: Line): boolean {
  switch (line.lineType) {
    case 'SALE':
      return isPlainlyPriced(line)
    case 'RETURN':
      return true
    case 'TENDER':
      return hasGateway(line.tenderType) || line.state === 'DECLINED' || line.state === 'REVERSED'
    case 'GIFT_CARD':
    case 'FEE':
    case 'TIP':
    case 'ROUNDING':
    case 'TAX':
      return true
    case 'LOYALTY':
      // Points are not told; money that they took off would be missing.
      return line.amount === undefined
    default:
      return false
  }
}

/** Price times quantity, less discounts. What was weighed is one piece at its own price. */
function isPlainlyPriced(line: SaleLine): boolean {
  const price = line.actualUnitPrice ?? line.regularUnitPrice
  const extended = decimal(line.extendedAmount)
  const isOnePiece = isWeighed(line.quantity)
  const isProduct = () => compare(multiply(decimal(price ?? '0'), decimal(line.quantity)), extended) === 0
  if (price !== undefined && !isOnePiece && !isProduct()) return false
  if (price === undefined && !isOnePiece && compare(decimal(line.quantity), decimal('1')) !== 0) return false
  const modifiers = (line.priceModifiers ?? []).map(({ amount }) => decimal(amount))
  if (modifiers.some(({ unscaled }) => unscaled > 0n)) return false
  return line.netAmount === undefined || compare(add(extended, sum(modifiers)), decimal(line.netAmount)) === 0
}

/** An order has one rule for all its taxes, and a refund has no summary of them. */
function hasOneTaxRule({ lines }: Transaction): boolean {
  const counting = lines.filter((line) => !line.voided)
  const ofLines = counting.flatMap((line): readonly LineTax[] => ('taxes' in line ? (line.taxes ?? []) : []))
  const summary = counting.filter((line) => line.lineType === 'TAX')
  const rules = new Set([...ofLines, ...(ofLines.length > 0 ? [] : summary)].map((tax) => tax.includedInPrice))
  const hasReturns = counting.some((line) => line.lineType === 'RETURN')
  return rules.size <= 1 && !(hasReturns && ofLines.length === 0 && summary.length > 0)
}
