import { isNegative, magnitude, negated } from '../amounts.ts'
import { childOf } from '../element.ts'
import { amount, figure } from './codecs.ts'
import { attribute, group, leaf, type Part, putElement, type Shape, takeElement, type Values } from './shape.ts'
import { entryMethodWord, tenderStateWord, tenderTypeWord } from './standard-words.ts'
import { isTurned, signedByTypeCode } from './tax-shape.ts'
import { xmlText } from './xml-text.ts'

/**
 * What was given and what of it paid the receipt. POSLog's `Amount` is the first where there are two; change stands beside it only
 * then, since readers take change beside a single amount off it once more.
 */
const amounts: Part = {
  put({ amount: paid, tenderedAmount: given, changeAmount: changed, currency }, turned) {
    const unit = currency === undefined ? '' : ` Currency="${xmlText(currency as string)}"`
    const figureOf = (value: unknown) => amount.encode(value, turned)
    const change = changed as string | undefined
    if (given === undefined) {
      const own = change === undefined ? '' : `<tillflow:ChangeAmount>${change}</tillflow:ChangeAmount>`
      return `<Amount${unit}>${figureOf(paid)}</Amount>${own}`
    }
    const both = `<Amount${unit}>${figureOf(given)}</Amount><AmountAppliedToBill>${figureOf(paid)}</AmountAppliedToBill>`
    return change === undefined ? both : `${both}<TenderChange><Amount>${change}</Amount></TenderChange>`
  },
  take(element, values, turned) {
    const applied = childOf(element, 'AmountAppliedToBill')
    const stated = childOf(element, 'Amount')
    if (applied) {
      values.amount = amount.decode(applied.text, turned)
      if (stated) values.tenderedAmount = amount.decode(stated.text, turned)
    } else if (stated) values.amount = amount.decode(stated.text, turned)
    const change = childOf(childOf(element, 'TenderChange'), 'Amount') ?? childOf(element, 'tillflow:ChangeAmount')
    if (change) values.changeAmount = change.text
  },
}

const foreignCurrency: Shape = {
  children: [
    leaf('currency', 'CurrencyCode'),
    leaf('amount', 'OriginalFaceAmount', amount),
    leaf('rate', 'ExchangeRate', figure),
  ],
}

/** An object whose fields stand in several elements is there where the first of them is. */
function objectOf(field: string, name: string, shape: Shape): Part {
  return {
    put(values, turned) {
      const value = values[field]
      return value === undefined ? '' : putElement(name, shape, value as Values, turned)
    },
    take(element, values, turned) {
      const child = childOf(element, name)
      if (!child) return
      const value = (values[field] ?? {}) as Values
      takeElement(shape, child, value, turned)
      values[field] = value
    },
  }
}

/** Only the end of a card's number is known; POSLog has one place for a number, and stars are usual in it. */
const lastDigits: Part = {
  put: ({ last4 }) =>
    last4 === undefined ? '' : `<PrimaryAccountNumber>************${xmlText(last4 as string)}</PrimaryAccountNumber>`,
  take(element, values) {
    const stated = childOf(element, 'PrimaryAccountNumber')
    if (stated) values.last4 = stated.text.slice(-4)
  },
}

const card: Shape = {
  attributes: [attribute('entryMode', 'tillflow:EntryMode', entryMethodWord)],
  children: [
    leaf('brand', 'IssuerName'),
    lastDigits,
    leaf('acquirer', 'tillflow:Acquirer'),
    leaf('token', 'tillflow:Token'),
  ],
}

const authorizationCodes: readonly Part[] = [
  leaf('authorizationCode', 'AuthorizationCode'),
  leaf('referenceNumber', 'ReferenceNumber'),
  leaf('terminalId', 'AuthorizingTermID'),
]

/** The host's answer: codes of the card, and the state and time of the tender. */
const authorization: Part = group('Authorization', {
  attributes: [attribute('state', 'Status', tenderStateWord)],
  children: [
    {
      put({ card: details }) {
        if (details === undefined) return ''
        let written = ''
        for (const part of authorizationCodes) written += part.put(details as Values, false)
        return written
      },
      take(element, values) {
        // A card is there where its own element is.
        if (values.card === undefined) return
        for (const part of authorizationCodes) part.take(element, values.card as Values, false)
      },
    },
    leaf('authorizedAt', 'AuthorizationDateTime'),
  ],
})

/** Gift cards and their like have an element by the kind of tender. */
const instrumentNames = ['GiftCard', 'GiftCertificate', 'StoredValue'] as const
const instrument: Shape = {
  children: [leaf('maskedNumber', 'CardNumber'), leaf('balanceAfter', 'tillflow:BalanceAfter', figure)],
}

const storedValue: Part = {
  put({ storedValue: stated, tenderType }) {
    if (stated === undefined) return ''
    const word = tenderTypeWord.encode(tenderType, false)
    const name = instrumentNames.find((one) => one === word) ?? 'StoredValue'
    return putElement(name, instrument, stated as Values, false)
  },
  take(element, values) {
    for (const name of instrumentNames) objectOf('storedValue', name, instrument).take(element, values, false)
  },
}

/** How it was paid; what goes out of the till is a refund, and its amounts are written without sign. */
export const tenderPart: Part = signedByTypeCode('amount', 'Tender', {
  attributes: [attribute('tenderType', 'TenderType', tenderTypeWord)],
  children: [
    leaf('tenderId', 'TenderID'),
    amounts,
    objectOf('foreignAmount', 'ForeignCurrency', foreignCurrency),
    leaf('tip', 'Tip', figure),
    leaf('cashback', 'Cashback', figure),
    objectOf('card', 'CreditDebit', card),
    authorization,
    storedValue,
    leaf('pspReference', 'tillflow:PSPReference'),
  ],
})

/** Change as a line of its own: nothing but an amount that goes out, stated a second time as change. */
export function isChangeLine(line: Values): boolean {
  const { amount: paid, changeAmount, tenderedAmount, storedValue: stored, card: details } = line
  return (
    isTurned(paid) &&
    tenderedAmount === undefined &&
    stored === undefined &&
    details === undefined &&
    line.currency === undefined &&
    changeFields.every((field) => line[field] === undefined) &&
    changeAmount === magnitude(paid as string) &&
    negated(changeAmount) === paid
  )
}

const changeFields = ['foreignAmount', 'state', 'tip', 'cashback', 'pspReference', 'authorizedAt'] as const

export const changePart: Part = group('TenderChange', {
  attributes: [attribute('tenderType', 'TenderType', tenderTypeWord)],
  children: [
    leaf('tenderId', 'TenderID'),
    leaf('changeAmount', 'Amount', figure),
    {
      put: () => '',
      take(_element, values) {
        const { changeAmount } = values
        if (typeof changeAmount === 'string' && !isNegative(changeAmount)) values.amount = negated(changeAmount)
      },
    },
  ],
})
