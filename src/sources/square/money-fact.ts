import type { TenderLine } from '../../domain/transaction/line.ts'
import { children, type Fields, text } from './fields.ts'
import type { Money } from './money.ts'
import type { UnknownWords } from './words.ts'

/** What an order leaves open and its payments and refunds close: over all facts of an order it comes to nothing. */
export function receivableLine(lineNumber: number, amount: bigint, money: Money): TenderLine {
  return {
    lineNumber,
    lineType: 'TENDER',
    tenderType: 'ACCOUNTS_RECEIVABLE',
    tenderId: 'SQUARE',
    amount: money.decimal(amount),
  }
}

const feeTypes = new Set(['INITIAL', 'ADJUSTMENT'])

/** What Square keeps of a payment, as far as it was known: amounts by kind. */
export function readFees(of: Fields, money: Money, unknown: UnknownWords): object[] | undefined {
  const fees = children(of, 'processing_fee').map((fee) => {
    const type = text(fee, 'type')?.slice(0, 64)
    if (type !== undefined && !feeTypes.has(type)) unknown.values.push(`processing_fee_type=${type}`)
    return { ...(type !== undefined && { type }), amount: money.text(fee, 'amount_money') ?? money.decimal(0n) }
  })
  return fees.length > 0 ? fees : undefined
}
