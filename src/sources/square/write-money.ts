import type { TenderType } from '../../domain/transaction/codes.ts'
import type { TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { defined } from './fields.ts'
import { cardEntryMethods, giftCardBrand, orderTenderTypes } from './words.ts'
import { toMoney } from './write-lines.ts'

type Extensions = Readonly<Record<string, unknown>>

export function writePayment(fact: Transaction, id: string): object {
  const { currency, extensions = {}, channel, endDateTime } = fact
  const tender = tenderOf(fact)
  const total = toMoney(tender.amount, currency)
  const tip = extensions['square:tip_money']
  const tipMoney = typeof tip === 'string' ? toMoney(tip, currency) : undefined
  const deviceId = fact.workstationId ?? extensions['square:device_id']
  const product =
    extensions['square:square_product'] ?? (channel && { POS: 'SQUARE_POS', ECOM: 'ECOMMERCE_API' }[channel as string])
  const { word, details } = writeMeans(tender, extensions)
  const { card_details: card, ...otherDetails } = details
  const authorizedAt = tender.authorizedAt
  return defined({
    id,
    created_at: endDateTime,
    status: { CAPTURED: 'COMPLETED', REVERSED: 'CANCELED', DECLINED: 'FAILED' }[tender.state as string] ?? 'COMPLETED',
    location_id: extensions['square:location_id'],
    order_id: extensions['square:order_id'],
    source_type: word,
    amount_money: { ...total, amount: total.amount - (tipMoney?.amount ?? 0) },
    tip_money: tipMoney,
    total_money: total,
    app_fee_money: moneyOf(extensions['square:app_fee_money'], currency),
    processing_fee: feesOf(extensions, currency),
    card_details:
      card || authorizedAt !== undefined
        ? defined({
            ...card,
            card_payment_timeline: authorizedAt === undefined ? undefined : { authorized_at: authorizedAt },
          })
        : undefined,
    ...otherDetails,
    cash_details: cashOf(tender, currency, 1n, 'buyer_supplied_money'),
    device_details: deviceId === undefined ? undefined : { device_id: deviceId },
    application_details: product === undefined ? undefined : { square_product: product },
    team_member_id: fact.operatorId,
    customer_id: fact.customerId,
    receipt_number: fact.receiptNumber,
  })
}

export function writeRefund(fact: Transaction, id: string): object {
  const { currency, extensions = {}, endDateTime } = fact
  const tender = tenderOf(fact)
  const { word, details } = writeMeans(tender, extensions)
  const cash = cashOf(tender, currency, -1n, 'seller_supplied_money')
  return defined({
    id,
    created_at: endDateTime,
    status: extensions['square:status'] ?? (tender.state === 'DECLINED' ? 'FAILED' : 'COMPLETED'),
    location_id: extensions['square:location_id'],
    order_id: extensions['square:order_id'],
    payment_id: extensions['square:payment_id'],
    amount_money: toMoney(tender.amount, currency, -1n),
    app_fee_money: moneyOf(extensions['square:app_fee_money'], currency),
    processing_fee: feesOf(extensions, currency),
    destination_type: word,
    destination_details:
      cash || Object.keys(details).length > 0 ? defined({ ...details, cash_details: cash }) : undefined,
    team_member_id: fact.operatorId,
  })
}

/** A tender of an order that is no payment. */
export function writeOrderTender(tender: TenderLine, currency: string): object {
  const { extensions = {}, tenderType, tenderId } = tender
  const byId = tenderId !== undefined && Object.hasOwn(orderTenderTypes, tenderId) ? tenderId : undefined
  const isCard = tender.card !== undefined || tenderType === 'GIFT_CARD' || tenderId === 'CARD'
  return defined({
    id: extensions['square:tender_id'],
    type: extensions['square:tender_type'] ?? (isCard ? 'CARD' : byId),
    amount_money: toMoney(tender.amount, currency),
    card_details: isCard ? cardOf(tender, extensions) : undefined,
    cash_details: cashOf(tender, currency, 1n, 'buyer_tendered_money'),
  })
}

/** The tender that is paid by, not what it settles. */
function tenderOf({ lines }: Transaction): TenderLine {
  const tender = lines.find((line): line is TenderLine => line.lineType === 'TENDER')
  if (!tender) throw new RangeError('a payment has a tender')
  return tender
}

const wordsOfTenders: Partial<Record<TenderType, string>> = {
  CASH: 'CASH',
  CREDIT_DEBIT: 'CARD',
  GIFT_CARD: 'CARD',
  CHECK: 'EXTERNAL/CHECK',
  VOUCHER: 'EXTERNAL/FOOD_VOUCHER',
  GIFT_CERTIFICATE: 'EXTERNAL/OTHER_GIFT_CARD',
  STORED_VALUE: 'SQUARE_ACCOUNT',
  MOBILE: 'WALLET',
  ONLINE_PAYMENT: 'BUY_NOW_PAY_LATER',
  HOUSE_ACCOUNT: 'HOUSE_ACCOUNT',
}

/** The id of a tender that was read says which words Square used; a till's own ids mean nothing to it. */
export function tenderIdOf(tenderType: TenderType): string {
  return wordsOfTenders[tenderType] ?? 'EXTERNAL/OTHER'
}

const detailFields: Readonly<Record<string, string>> = {
  WALLET: 'wallet_details',
  BUY_NOW_PAY_LATER: 'buy_now_pay_later_details',
}

function writeMeans(
  tender: TenderLine,
  extensions: Extensions,
): { word: unknown; details: Record<string, object | undefined> } {
  const { tenderId } = tender
  const [name, brand] = (tenderId ?? '').split('/')
  const isCard = tender.card !== undefined || name === giftCardBrand || name === 'CARD'
  if (isCard)
    return { word: extensions['square:source_type'] ?? 'CARD', details: { card_details: cardOf(tender, extensions) } }
  if (name === 'EXTERNAL') {
    const type = extensions['square:external_type'] ?? brand
    return { word: name, details: { external_details: defined({ type }) } }
  }
  const field = detailFields[name ?? '']
  const details = field !== undefined && brand !== undefined ? { [field]: { brand } } : {}
  return { word: extensions['square:source_type'] ?? (name === '' ? undefined : name), details }
}

function cardOf(tender: TenderLine, extensions: Extensions): Record<string, unknown> {
  const { card, storedValue } = tender
  const method = Object.entries(cardEntryMethods).find(([, known]) => known === card?.entryMode)?.[0]
  const isGiftCard = tender.tenderType === 'GIFT_CARD' && card === undefined
  const brand = isGiftCard ? giftCardBrand : card?.brand
  const last4 = isGiftCard ? storedValue?.maskedNumber?.slice(-4) : card?.last4
  return defined({
    card: brand === undefined && last4 === undefined ? undefined : defined({ card_brand: brand, last_4: last4 }),
    entry_method: extensions['square:entry_method'] ?? method,
    auth_result_code: card?.authorizationCode,
  })
}

function cashOf(tender: TenderLine, currency: string, sign: 1n | -1n, suppliedName: string): object | undefined {
  const { tenderedAmount, changeAmount } = tender
  if (tenderedAmount === undefined && changeAmount === undefined) return undefined
  return defined({
    [suppliedName]: moneyOf(tenderedAmount, currency, sign),
    change_back_money: moneyOf(changeAmount, currency, sign),
  })
}

function moneyOf(text: unknown, currency: string, sign: 1n | -1n = 1n): object | undefined {
  return typeof text === 'string' ? toMoney(text, currency, sign) : undefined
}

function feesOf(extensions: Extensions, currency: string): object[] | undefined {
  const fees = extensions['square:processing_fee']
  if (!Array.isArray(fees)) return undefined
  return fees.map(({ type, amount }: { type?: string; amount: string }) =>
    defined({ type, amount_money: toMoney(amount, currency) }),
  )
}
