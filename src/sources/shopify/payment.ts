import { add, type Decimal, formatDecimal, negate, zero } from '../../domain/decimal.ts'
import type { TransactionStatus } from '../../domain/transaction/codes.ts'
import type { AmountLine, TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { formatMoney, isZero, moneyAt, numberAt } from './amounts.ts'
import { type FactParts, makeFact, orderLink } from './fact.ts'
import type { Unnumbered } from './item-line.ts'
import { idAt, type Json, neededIdAt, objectAt, shortTextAt, textAt } from './json.ts'
import { noteUnknown, type Reading } from './reading.ts'
import { numberLines } from './settle.ts'
import { tenderTypeOf } from './tender-types.ts'
import { Unreadable } from './unreadable.ts'

/** Kinds that move money, and which way. */
const moving: Readonly<Record<string, 1 | -1>> = { sale: 1, capture: 1, refund: -1, change: -1 }
const reserving = new Set(['authorization', 'emv_authorization'])

/**
 * A transaction of an order: money that moved settles the balance of the order. What moved none is told as well, but never booked: a
 * reservation, a void, a refusal. A pending one gets a name of its own, since under its id it may yet succeed.
 */
export function readPayment(reading: Reading, json: Json): Transaction {
  const kind = textAt(json, 'kind') ?? ''
  const status = textAt(json, 'status') ?? 'success'
  const currency = currencyOf(reading, json)
  const orderId = idAt(json, 'order_id')
  const parts: Omit<FactParts, 'objectType' | 'transactionType' | 'lines'> = {
    objectId: neededIdAt(json, 'id'),
    location: idAt(json, 'location_id'),
    device: idAt(json, 'device_id'),
    operator: idAt(json, 'user_id'),
    happenedAt: textAt(json, 'processed_at') ?? textAt(json, 'created_at'),
    currency,
    isTest: json.test === true,
    links: orderLink(reading, 'ORDER_OF', orderId),
  }
  const amount = moneyAt(json, 'amount')
  if (!amount) throw new Unreadable('schema-violation', 'A payment has no amount.')
  const sign = moving[kind]
  if (status === 'success' && sign !== undefined) {
    const { lines, total } = readMoney(reading, json, { amount, sign, currency, orderId })
    return makeFact(reading, {
      ...parts,
      objectType: 'transaction',
      transactionType: 'PAYMENT_ON_ACCOUNT',
      lines: numberLines(lines),
      totals: { grandTotal: formatMoney(total, currency) },
      extensions: extensionsOf(reading, json, true),
    })
  }
  const { isFinal, header, state } = standing(kind, status)
  const line = { ...readTender(json, currency), amount: formatMoney(amount, currency), state }
  return makeFact(reading, {
    ...parts,
    objectType: isFinal ? 'transaction' : 'pending_transaction',
    transactionType: moving[kind] || reserving.has(kind) || kind === 'void' ? 'PAYMENT_ON_ACCOUNT' : 'UNKNOWN',
    status: header,
    lines: numberLines([line]),
    extensions: extensionsOf(reading, json, false),
  })
}

/** How it stands with a payment that moved no money. */
function standing(
  kind: string,
  status: string,
): { isFinal: boolean; header: TransactionStatus; state: 'AUTHORIZED' | 'DECLINED' | 'REVERSED' } {
  if (status === 'failure' || status === 'error') return { isFinal: true, header: 'CANCELLED', state: 'DECLINED' }
  const isFinal = status === 'success'
  if (kind === 'void') return { isFinal, header: 'CANCELLED', state: 'REVERSED' }
  return { isFinal, header: 'IN_PROGRESS', state: 'AUTHORIZED' }
}

interface MovedMoney {
  amount: Decimal
  sign: 1 | -1
  currency: string
  orderId: string | undefined
}

/** `amount` is what the order is settled by; cash is rounded beside it, and what was given and returned is told. */
function readMoney(reading: Reading, json: Json, { amount, sign, currency, orderId }: MovedMoney) {
  const signed = (value: Decimal) => formatMoney(sign === 1 ? value : negate(value), currency)
  const rounding = moneyAt(json, 'amount_rounding') ?? zero
  const moved = add(amount, rounding)
  const given = moneyAt(json, 'amount_in')
  const change = moneyAt(json, 'amount_out')
  const payment: Omit<AmountLine, 'lineNumber'> = {
    lineType: 'PAYMENT_ON_ACCOUNT',
    amount: signed(amount),
    ...(orderId !== undefined && { reference: orderId }),
  }
  const tender: Omit<TenderLine, 'lineNumber'> = {
    ...readTender(json, currency),
    amount: signed(moved),
    ...(sign === 1 && given && { tenderedAmount: formatMoney(given, currency) }),
    ...(sign === 1 && change && { changeAmount: formatMoney(change, currency) }),
    ...foreignAmount(json, currency, sign),
  }
  const lines: Unnumbered[] = isZero(rounding)
    ? [payment, tender]
    : [payment, { lineType: 'ROUNDING', amount: signed(rounding), tenderType: tender.tenderType }, tender]
  noteGateway(reading, json)
  return { lines, total: sign === 1 ? moved : negate(moved) }
}

/** How it was paid. Of a card its brand and last four digits; never its holder, its expiry or what the gateway answered. */
function readTender(json: Json, _currency: string): Omit<TenderLine, 'lineNumber' | 'amount'> {
  const gateway = shortTextAt(json, 'gateway')
  const details = objectAt(json, 'payment_details')
  const brand = shortTextAt(details, 'credit_card_company')
  const last4 = /(?:^|\D)(\d{4})$/.exec(textAt(details, 'credit_card_number') ?? '')?.[1]
  const reference = shortTextAt(json, 'authorization')
  const card = { ...(brand !== undefined && { brand }), ...(last4 !== undefined && { last4 }) }
  return {
    lineType: 'TENDER',
    tenderType: (gateway === undefined ? undefined : tenderTypeOf(gateway)) ?? 'OTHER',
    ...(gateway !== undefined && { tenderId: gateway }),
    ...(Object.keys(card).length > 0 && { card }),
    ...(reference !== undefined && { pspReference: reference }),
  }
}

/** What the customer paid in, where the shop books another currency. */
function foreignAmount(json: Json, currency: string, sign: 1 | -1): Pick<TenderLine, 'foreignAmount'> {
  const shown = objectAt(objectAt(json, 'amount_set'), 'presentment_money')
  const shownCurrency = textAt(shown, 'currency_code') ?? textAt(shown, 'currency')
  const amount = numberAt(shown, 'amount')
  if (!amount || shownCurrency === undefined || shownCurrency === currency) return {}
  return { foreignAmount: { amount: formatDecimal(sign === 1 ? amount : negate(amount), 2), currency: shownCurrency } }
}

/** The shop's currency where both are given; else the one of the payment, which the customer saw. */
function currencyOf(reading: Reading, json: Json): string {
  const shopMoney = objectAt(objectAt(json, 'amount_set'), 'shop_money')
  const store = reading.account.storeOf(idAt(json, 'location_id'))
  return (
    textAt(shopMoney, 'currency_code') ??
    textAt(shopMoney, 'currency') ??
    textAt(json, 'currency') ??
    reading.store(store ?? '').currency
  )
}

function noteGateway(reading: Reading, json: Json): void {
  const gateway = textAt(json, 'gateway')
  if (gateway !== undefined && tenderTypeOf(gateway) === undefined) noteUnknown(reading, 'gateway', gateway)
}

const knownStatuses = new Set(['success', 'pending', 'failure', 'error'])

function extensionsOf(reading: Reading, json: Json, moved: boolean): Record<string, unknown> {
  const gateway = shortTextAt(json, 'gateway')
  const kind = shortTextAt(json, 'kind')
  const status = shortTextAt(json, 'status')
  const extensions: Record<string, unknown> = {}
  if (kind !== undefined) extensions['shopify:kind'] = kind
  if (gateway !== undefined && tenderTypeOf(gateway) === undefined) extensions['shopify:gateway'] = gateway
  if (moved) return extensions
  if (status !== undefined) extensions['shopify:status'] = status
  if (kind !== undefined && !moving[kind] && !reserving.has(kind) && kind !== 'void') noteUnknown(reading, 'kind', kind)
  if (status !== undefined && !knownStatuses.has(status)) noteUnknown(reading, 'status', status)
  return extensions
}
