import { currencyExponent } from '../../domain/currency.ts'
import type { CardDetails, TenderLine } from '../../domain/transaction/line.ts'
import { amountOf, belowZero, decimalOf, magnitude } from './amounts.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, childOf, type Element, textOf } from './element.ts'
import { externalText } from './header.ts'
import type { LineContext } from './line-context.ts'
import { extend, readWord } from './notes.ts'
import { readTime } from './times.ts'
import { entryMethodWords, tenderStateWords, tenderTypeWords } from './words.ts'

/** How it was paid. Change that is stated inside stays beside the amount; `settleChange` decides whether it is netted. */
export function readTenderLine(tender: Element, lineNumber: number, context: LineContext): TenderLine {
  const { notes } = context
  const given = amountOf(tender, 'Amount') ?? '0'
  const applied = amountOf(tender, 'AmountAppliedToBill')
  const paidBack = isPaidBack(tender, context)
  const signed = (amount: string) => (paidBack ? belowZero(amount) : amount)
  const line: TenderLine = { lineNumber, lineType: 'TENDER', tenderType: 'OTHER', amount: signed(given) }
  const word = attributeOf(tender, 'TenderType') ?? textOf(tender, 'TenderType')
  line.tenderType = readWord(word, tenderTypeWords, { name: 'TenderType', notes, extended: line }) ?? 'OTHER'
  if (applied !== undefined && applied !== given) {
    line.tenderedAmount = line.amount
    line.amount = signed(applied)
  }
  const tenderId = externalText(textOf(tender, 'TenderID'))
  if (tenderId !== undefined) line.tenderId = tenderId
  const change = decimalOf(childOf(tender, 'TenderChange'), 'Amount')
  if (change !== undefined) line.changeAmount = magnitude(change)
  const cashback = decimalOf(tender, 'Cashback')
  if (cashback !== undefined) line.cashback = cashback
  const tip = decimalOf(tender, 'Tip') ?? decimalOf(tender, 'TipAmount')
  if (tip !== undefined) line.tip = tip
  const description = attributeOf(tender, 'acs:TenderDescription')
  if (description !== undefined) extend(line, 'acs:TenderDescription', cutText(description, 64))
  readForeign(line, tender)
  readCard(line, tender, context)
  readStoredValue(line, tender)
  return line
}

/** Change as a line of its own: money out of the drawer. */
export function readChangeLine(change: Element, lineNumber: number, context: LineContext): TenderLine {
  const line = readTenderLine(change, lineNumber, context)
  line.changeAmount = magnitude(line.amount)
  line.amount = belowZero(line.amount)
  if (attributeOf(change, 'TenderType') === undefined) line.tenderType = 'CASH'
  delete line.tenderedAmount
  return line
}

function isPaidBack(tender: Element, context: LineContext): boolean {
  return context.takesBack || /^(Refund|Return)$/.test(attributeOf(tender, 'TypeCode') ?? '')
}

function readForeign(line: TenderLine, tender: Element): void {
  const foreign = childOf(tender, 'ForeignCurrency')
  const currency = textOf(foreign, 'CurrencyCode') ?? attributeOf(foreign, 'CurrencyCode')
  const amount = decimalOf(foreign, 'OriginalFaceAmount') ?? decimalOf(foreign, 'Amount')
  if (amount === undefined || currency === undefined || currencyExponent(currency) === undefined) return
  line.foreignAmount = { amount: line.amount.startsWith('-') ? belowZero(amount) : amount, currency }
  const rate = decimalOf(foreign, 'ExchangeRate')
  if (rate !== undefined) line.foreignAmount.rate = magnitude(rate)
}

/** Brand, codes and the last four digits: never more of a card than its receipt shows. */
function readCard(line: TenderLine, tender: Element, { notes, profile }: LineContext): void {
  const authorization = childOf(tender, 'Authorization')
  const credit = childOf(tender, 'CreditDebit')
  const card: CardDetails = {}
  const set = (name: 'authorizationCode' | 'referenceNumber' | 'terminalId', text: string | undefined) => {
    if (text !== undefined) card[name] = cutText(text, 128)
  }
  set('authorizationCode', textOf(authorization, 'AuthorizationCode'))
  set('referenceNumber', textOf(authorization, 'ReferenceNumber'))
  set('terminalId', textOf(authorization, 'TerminalID') ?? textOf(authorization, 'AuthorizingTermID'))
  const brand =
    attributeOf(credit, 'acs:CreditDescription') ?? textOf(credit, 'CardBrand') ?? textOf(credit, 'IssuerName')
  const kind = attributeOf(credit, 'CardType')
  if (brand !== undefined || kind !== undefined) card.brand = cutText(brand ?? kind ?? '', 64)
  const number = ['PrimaryAccountNumber', 'MaskedCardNumber', 'AccountNumber', 'CardNumber']
    .map((name) => textOf(credit, name) ?? textOf(tender, name))
    .find((text) => text !== undefined)
  const last4 = /\d{4}$/.exec(number ?? '')?.[0]
  if (last4 !== undefined) card.last4 = last4
  const entry = attributeOf(tender, 'EntryMethod')
  const entryMode = readWord(entry, entryMethodWords, { name: 'EntryMethod', notes, extended: line })
  if (Object.keys(card).length > 0) line.card = entryMode === undefined ? card : { ...card, entryMode }
  const state = attributeOf(authorization, 'Status') ?? attributeOf(tender, 'Status')
  const known = readWord(state, tenderStateWords, { name: 'Status', notes, extended: line })
  if (known !== undefined) line.state = known
  const authorizedAt = readTime(childOf(authorization, 'AuthorizationDateTime'), profile)
  if (authorizedAt) line.authorizedAt = authorizedAt.timestamp
}

/** Of the number of a gift card only its end is kept. Whether a balance is the one before or after, senders do not say. */
function readStoredValue(line: TenderLine, tender: Element): void {
  const instrument = childOf(tender, 'GiftCard') ?? childOf(tender, 'GiftCertificate') ?? childOf(tender, 'StoredValue')
  if (!instrument) return
  const number = textOf(instrument, 'CardNumber') ?? textOf(instrument, 'SerialNumber')
  if (number !== undefined) line.storedValue = { maskedNumber: `****${number.slice(-4)}` }
  extend(line, 'CurrentBalance', decimalOf(instrument, 'CurrentBalance'))
}
