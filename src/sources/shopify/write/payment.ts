import type { ReadContext } from '../../../contract/source.ts'
import { absolute, compare, decimal, negate, subtract, zero } from '../../../domain/decimal.ts'
import type { TenderType } from '../../../domain/transaction/codes.ts'
import type { AmountLine, TenderLine } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { formatMoney } from '../amounts.ts'
import { idsOf, placeOf, timeOf } from './place.ts'
import { extensionText, idValue, moneySet } from './vendor-json.ts'

const gateways: Partial<Record<TenderType, string>> = {
  CASH: 'cash',
  CREDIT_DEBIT: 'shopify_payments',
  GIFT_CARD: 'gift_card',
  STORE_ACCOUNT: 'shopify_store_credit',
  VOUCHER: 'exchange-credit',
  ONLINE_PAYMENT: 'paypal',
  CHECK: 'check',
}

/** Whether Shopify has a gateway for a means of payment of a till. */
export function hasGateway(tenderType: TenderType): boolean {
  return gateways[tenderType] !== undefined
}

/** A payment that Shopify itself has told, as the transaction it was. */
export function writePaymentFact(transaction: Transaction, context: ReadContext): object {
  const { currency, lines } = transaction
  const ids = idsOf(transaction, context)
  const tender = lines.find((line) => line.lineType === 'TENDER')
  if (!tender) throw new RangeError('a payment without a tender cannot be written')
  const settled = lines.find((line): line is AmountLine => line.lineType === 'PAYMENT_ON_ACCOUNT')
  const rounding = lines.find((line): line is AmountLine => line.lineType === 'ROUNDING')
  return writeTransaction(transaction, tender, {
    id: ids.own,
    orderId: ids.order,
    kind: extensionText(transaction, 'kind'),
    status: extensionText(transaction, 'status') ?? 'success',
    gateway: tender.tenderId,
    amount: formatMoney(absolute(decimal((settled ?? tender).amount)), currency),
    // A payment of nothing has no sign to turn.
    rounding: rounding && signedAs(rounding.amount, settled?.amount ?? '0', currency),
  })
}

/** The rounding as the payment has it: with the sign that it has before a refund turns it. */
function signedAs(rounding: string, settled: string, currency: string): string {
  const value = decimal(rounding)
  return formatMoney(compare(decimal(settled), zero) < 0 ? negate(value) : value, currency)
}

/** The tenders of a till's receipt, each as a transaction of the order. The cash that was rounded carries the rounding. */
export function writeTenders(transaction: Transaction, orderId: string | undefined, context: ReadContext): object[] {
  const { currency, lines } = transaction
  const ids = idsOf(transaction, context)
  const tenders = lines.filter((line) => line.lineType === 'TENDER').filter(countsAsPaid)
  const rounding = lines.filter((line): line is AmountLine => line.lineType === 'ROUNDING' && !line.voided)
  const carrier = tenders.find(({ tenderType }) => tenderType === 'CASH') ?? tenders[0]
  return tenders.map((tender) => {
    const isOut = decimal(tender.amount).unscaled < 0n
    const rounded = tender === carrier ? sumOf(rounding) : zero
    const settled = subtract(decimal(tender.amount), rounded)
    const turned = (value: typeof zero) => formatMoney(isOut ? negate(value) : value, currency)
    return writeTransaction(transaction, tender, {
      id: ids.part('payment', tender.lineNumber),
      orderId,
      kind: isOut ? (transaction.transactionType === 'RETURN' ? 'refund' : 'change') : 'sale',
      status: 'success',
      gateway: gateways[tender.tenderType],
      amount: turned(settled),
      rounding: rounded.unscaled === 0n ? undefined : turned(rounded),
    })
  })
}

function countsAsPaid({ voided, state }: TenderLine): boolean {
  return !voided && state !== 'DECLINED' && state !== 'REVERSED'
}

function sumOf(lines: readonly AmountLine[]) {
  return lines.reduce((sum, line) => subtract(sum, negate(decimal(line.amount))), zero)
}

interface WrittenPayment {
  id: string
  orderId: string | undefined
  kind: string | undefined
  status: string
  gateway: string | undefined
  amount: string
  rounding: string | undefined
}

function writeTransaction(transaction: Transaction, tender: TenderLine, payment: WrittenPayment): object {
  const { currency } = transaction
  const { card, foreignAmount } = tender
  const foreign = foreignAmount && {
    amount: formatMoney(absolute(decimal(foreignAmount.amount)), foreignAmount.currency),
    currency: foreignAmount.currency,
  }
  const at = timeOf(transaction)
  return {
    id: idValue(payment.id),
    order_id: idValue(payment.orderId),
    ...(payment.kind !== undefined && { kind: payment.kind }),
    ...{ gateway: payment.gateway ?? null, status: payment.status },
    ...{ amount: payment.amount, currency },
    ...(foreign && { amount_set: moneySet(payment.amount, currency, foreign) }),
    ...(payment.rounding !== undefined && { amount_rounding: payment.rounding }),
    ...(tender.tenderedAmount !== undefined && { amount_in: tender.tenderedAmount }),
    ...(tender.changeAmount !== undefined && { amount_out: tender.changeAmount }),
    ...{ created_at: at, processed_at: at, authorization: tender.pspReference ?? null, parent_id: null },
    ...placeOf(transaction),
    test: transaction.trainingMode === true,
    source_name: transaction.channel === 'ECOM' ? 'web' : 'pos',
    ...(card && { payment_details: writeCard(card) }),
  }
}

function writeCard({ brand, last4 }: NonNullable<TenderLine['card']>): object {
  return {
    ...(brand !== undefined && { credit_card_company: brand }),
    ...(last4 !== undefined && { credit_card_number: `•••• •••• •••• ${last4}` }),
  }
}

/** Shopify's second view of a payment, as it was told. */
export function writeTenderTransaction(transaction: Transaction, context: ReadContext): object {
  const ids = idsOf(transaction, context)
  const tender = transaction.lines.find((line) => line.lineType === 'TENDER')
  if (!tender) throw new RangeError('a tender transaction without a tender cannot be written')
  return {
    id: idValue(ids.own),
    order_id: idValue(ids.order),
    amount: tender.amount,
    currency: transaction.currency,
    user_id: idValue(transaction.operatorId),
    test: transaction.trainingMode === true,
    processed_at: timeOf(transaction),
    remote_reference: tender.pspReference ?? null,
    payment_details: null,
    payment_method: tender.tenderId ?? null,
  }
}
