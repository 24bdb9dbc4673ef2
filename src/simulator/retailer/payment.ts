import { currencyExponent } from '../../domain/currency.ts'
import type { TenderType } from '../../domain/transaction/codes.ts'
import type { AmountLine, Line, TenderLine } from '../../domain/transaction/line.ts'
import { type Amounts, foreignValueMinor, minorText } from './amounts.ts'
import type { Country } from './countries.ts'
import type { Dice } from './dice.ts'
import type { GiftCard } from './gift-cards.ts'

/** Money that changed hands, as the drawer and the closing report see it. */
export interface PaidTender {
  tenderType: TenderType
  minor: bigint
  /** What it did to our own cash in the drawer: change for foreign notes goes out of it. */
  drawerMinor: bigint
  foreign?: { currency: string; minor: bigint }
}

export interface Payment {
  tenders: PaidTender[]
  roundingMinor: bigint
  tipMinor: bigint
}

export interface PaymentOptions {
  /** A self check-out or a mobile till has no drawer. */
  takesCash: boolean
  /** How a refund goes back: as it was paid. */
  refundAs?: TenderType
  giftCard?: GiftCard
  mayTip: boolean
}

/** The till, as far as money goes. */
export interface CashPoint {
  rules: Country
  amounts: Amounts
  dice: Dice
}

/** Adds tip, rounding and tenders to the lines of a receipt of which `dueMinor` is to be paid (below zero: paid out). */
export function pay(point: CashPoint, lines: Line[], dueMinor: bigint, options: PaymentOptions): Payment {
  const payment: Payment = { tenders: [], roundingMinor: 0n, tipMinor: 0n }
  if (dueMinor === 0n) return payment
  if (dueMinor < 0n) {
    const isCash = options.takesCash && options.refundAs === 'CASH' && point.amounts.payable(dueMinor) !== 0n
    if (isCash) payCash(point, lines, dueMinor, payment)
    else payByCard(point, lines, dueMinor, payment, options.refundAs === 'MOBILE' ? 'MOBILE' : 'CREDIT_DEBIT')
    return payment
  }
  let leftMinor = dueMinor
  if (options.giftCard) leftMinor -= payByGiftCard(point, lines, dueMinor, payment, options.giftCard)
  if (leftMinor > 0n) payRest(point, lines, leftMinor, payment, options)
  return payment
}

function payRest(point: CashPoint, lines: Line[], dueMinor: bigint, payment: Payment, options: PaymentOptions): void {
  const { dice, rules, amounts } = point
  if (options.takesCash && dice.chance(rules.cashShare) && amounts.payable(dueMinor) > 0n) {
    if (rules.foreignCash && dice.chance(0.04)) payForeign(point, lines, dueMinor, payment, rules.foreignCash)
    else payCash(point, lines, dueMinor, payment)
    return
  }
  const tipMinor = options.mayTip && dice.chance(rules.tipShare) ? dueMinor / 7n : 0n
  if (tipMinor > 0n) {
    lines.push({ lineNumber: lines.length + 1, lineType: 'TIP', amount: amounts.text(tipMinor) })
    payment.tipMinor = tipMinor
  }
  // Somebody who is rid of small notes first, and pays the rest with the card.
  const cashMinor = options.takesCash && dice.chance(0.02) ? amounts.payable(dueMinor / 2n) : 0n
  if (cashMinor > 0n) payCash(point, lines, cashMinor, payment)
  payByCard(point, lines, dueMinor + tipMinor - cashMinor, payment, dice.chance(0.12) ? 'MOBILE' : 'CREDIT_DEBIT')
}

function payByCard(
  { amounts, dice }: CashPoint,
  lines: Line[],
  minor: bigint,
  payment: Payment,
  tenderType: 'CREDIT_DEBIT' | 'MOBILE',
): void {
  const card: TenderLine = {
    lineNumber: lines.length + 1,
    lineType: 'TENDER',
    tenderType,
    amount: amounts.text(minor),
    state: 'CAPTURED',
    card: {
      brand: dice.pick(['VISA', 'MASTERCARD', 'MAESTRO']),
      last4: String(dice.between(1000, 9999)),
      entryMode: tenderType === 'MOBILE' || dice.chance(0.7) ? 'CONTACTLESS' : 'CHIP',
      authorizationCode: String(dice.between(100_000, 999_999)),
    },
  }
  lines.push(card)
  payment.tenders.push({ tenderType, minor, drawerMinor: 0n })
}

function payByGiftCard(
  { amounts }: CashPoint,
  lines: Line[],
  dueMinor: bigint,
  payment: Payment,
  card: GiftCard,
): bigint {
  const minor = card.balanceMinor < dueMinor ? card.balanceMinor : dueMinor
  if (minor === 0n) return 0n
  card.balanceMinor -= minor
  const tender: TenderLine = {
    lineNumber: lines.length + 1,
    lineType: 'TENDER',
    tenderType: 'GIFT_CARD',
    amount: amounts.text(minor),
    storedValue: { maskedNumber: card.reference, balanceAfter: amounts.text(card.balanceMinor) },
  }
  lines.push(tender)
  payment.tenders.push({ tenderType: 'GIFT_CARD', minor, drawerMinor: 0n })
  return minor
}

function payCash({ amounts, dice, rules }: CashPoint, lines: Line[], dueMinor: bigint, payment: Payment): void {
  const minor = round(amounts, lines, dueMinor, payment)
  const note = rules.noteMinor
  const tendered = minor > 0n && dice.chance(0.7) ? ((minor + note - 1n) / note) * note : minor
  const cash: TenderLine = {
    lineNumber: lines.length + 1,
    lineType: 'TENDER',
    tenderType: 'CASH',
    amount: amounts.text(minor),
    ...(minor > 0n && { tenderedAmount: amounts.text(tendered), changeAmount: amounts.text(tendered - minor) }),
  }
  lines.push(cash)
  payment.tenders.push({ tenderType: 'CASH', minor, drawerMinor: minor })
}

/** Foreign notes of ten; what is too much comes back in our own money. */
function payForeign(
  { amounts }: CashPoint,
  lines: Line[],
  dueMinor: bigint,
  payment: Payment,
  { currency, rate }: NonNullable<Country['foreignCash']>,
): void {
  const minor = round(amounts, lines, dueMinor, payment)
  const exponent = currencyExponent(currency) ?? 2
  const noteMinor = 10n * 10n ** BigInt(exponent)
  const noteValue = foreignValueMinor(noteMinor, currency, rate, amounts.currency)
  const notes = (minor + noteValue - 1n) / noteValue
  const tendered = notes * noteValue
  const cash: TenderLine = {
    lineNumber: lines.length + 1,
    lineType: 'TENDER',
    tenderType: 'CASH',
    amount: amounts.text(minor),
    tenderedAmount: amounts.text(tendered),
    changeAmount: amounts.text(tendered - minor),
    foreignAmount: { amount: minorText(notes * noteMinor, exponent), currency, rate },
  }
  lines.push(cash)
  const foreign = { currency, minor: notes * noteMinor }
  payment.tenders.push({ tenderType: 'CASH', minor, drawerMinor: minor - tendered, foreign })
}

/** What can be paid with coins; the difference is a line of its own. */
function round(amounts: Amounts, lines: Line[], dueMinor: bigint, payment: Payment): bigint {
  const payable = amounts.payable(dueMinor)
  if (payable === dueMinor) return payable
  const rounding: AmountLine = {
    lineNumber: lines.length + 1,
    lineType: 'ROUNDING',
    amount: amounts.text(payable - dueMinor),
    tenderType: 'CASH',
  }
  lines.push(rounding)
  payment.roundingMinor += payable - dueMinor
  return payable
}
