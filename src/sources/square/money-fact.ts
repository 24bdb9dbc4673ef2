import type { AmountLine, TenderLine } from '../../domain/transaction/line.ts'
import { children, defined, type Fields, text } from './fields.ts'
import type { Money } from './money.ts'
import type { UnknownWords } from './words.ts'

/** The account that an order is charged to until its payments settle it. */
const orderBalance = 'order-balance'

/** What an order or a return leaves open (above zero: to be paid, below: to be paid back). */
export function chargeLine(lineNumber: number, amount: bigint, money: Money): TenderLine {
  return {
    lineNumber,
    lineType: 'TENDER',
    tenderType: 'ACCOUNTS_RECEIVABLE',
    tenderId: orderBalance,
    amount: money.decimal(amount),
  }
}

/** What a payment or a refund settles of it: over all facts of an order the two come to the same. */
export function settlementLine(amount: bigint, orderId: string | undefined, money: Money): AmountLine {
  return {
    lineNumber: 1,
    lineType: 'PAYMENT_ON_ACCOUNT',
    amount: money.decimal(amount),
    ...defined({ reference: orderId }),
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
