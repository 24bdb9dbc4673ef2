import { currencyExponent, isNoCurrency } from '../../domain/currency.ts'
import type { AmountLine, Line, LoyaltyLine } from '../../domain/transaction/line.ts'
import { amountOf, belowZero, decimalOf, readDecimal } from './amounts.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, childOf, childrenOf, type Element, flagOf, textOf } from './element.ts'
import { externalText } from './header.ts'
import { itemKinds, readItemLine, takesBack } from './item-line.ts'
import type { LineContext } from './line-context.ts'
import { addLink, readLink } from './links.ts'
import { extend, keepWord, readWord, Unrepresentable } from './notes.ts'
import { readOperator } from './operator.ts'
import { readTaxLine } from './taxes.ts'
import { readChangeLine, readTenderLine } from './tender-line.ts'
import { keepVendorElements } from './vendor-elements.ts'
import { entryMethodWords } from './words.ts'

const linesMax = 10_000

/** Kinds of a LineItem that move money besides goods, taxes and tenders. */
const amountKinds: ReadonlyMap<string, AmountLine['lineType']> = new Map([
  ['Discount', 'DISCOUNT'],
  ['Rounding', 'ROUNDING'],
  ['GiftCard', 'GIFT_CARD'],
  ['GiftCertificate', 'GIFT_CARD'],
  ['StoredValueFund', 'GIFT_CARD'],
  ['Deposit', 'DEPOSIT'],
  ['Fee', 'FEE'],
  ['Donation', 'DONATION'],
  ['Tip', 'TIP'],
  ['PaymentOnAccount', 'PAYMENT_ON_ACCOUNT'],
  ['Coupon', 'COUPON'],
])

const plainNames = new Set([
  'SequenceNumber',
  'BeginDateTime',
  'EndDateTime',
  'Description',
  'OperatorID',
  'AssociateID',
  'OperatorBypassApproval',
])

/** Whether everything that counts goes back to the shop. */
export function everythingComesBack(content: Element): boolean {
  const items = childrenOf(content, 'LineItem')
    .filter((line) => !flagOf(line, 'VoidFlag') && !flagOf(line, 'CancelFlag'))
    .flatMap((line) => line.children.filter((child) => itemKinds.has(child.name)))
  return items.length > 0 && items.every(takesBack)
}

export function readLines(content: Element, context: LineContext): Line[] {
  const lineItems = childrenOf(content, 'LineItem')
  // A receipt without some of its lines would be another receipt.
  if (lineItems.length > linesMax)
    throw new Unrepresentable('unreadable-content', `There are more than ${linesMax} lines.`)
  return lineItems.map((lineItem, index) => readLineItem(lineItem, index, context))
}

function readLineItem(lineItem: Element, index: number, context: LineContext): Line {
  const stated = Number(textOf(lineItem, 'SequenceNumber') ?? Number.NaN)
  const lineNumber = Number.isSafeInteger(stated) && stated > 0 && stated <= 100_000 ? stated : index + 1
  const kind = lineItem.children.find((child) => !plainNames.has(child.name))
  const line = readKind(kind, lineNumber, context)
  keepVendorElements(lineItem, line, kind)
  if (kind) keepVendorElements(kind, line)
  if (flagOf(lineItem, 'VoidFlag') || flagOf(lineItem, 'CancelFlag') || flagOf(kind, 'VoidFlag')) line.voided = true
  const approval = childOf(lineItem, 'OperatorBypassApproval')
  const approverId = approval && readOperator(childOf(approval, 'ApproverID')).id
  if (approverId !== undefined) line.approval = { approverId }
  const currency = foreignCurrencyOf(kind, context)
  if (currency !== undefined) line.currency = currency
  const entry = attributeOf(lineItem, 'EntryMethod')
  if (entry !== undefined) {
    line.entryMethod =
      readWord(entry, entryMethodWords, { name: 'EntryMethod', notes: context.notes, extended: line }) ?? 'OTHER'
  }
  return line
}

/** The currency of a line's own amount, where it is not the receipt's. */
function foreignCurrencyOf(kind: Element | undefined, { transaction }: LineContext): string | undefined {
  const amount = childOf(kind, 'ExtendedAmount') ?? childOf(kind, 'Amount')
  const code = attributeOf(amount, 'Currency') ?? attributeOf(amount, 'CurrencyCode')
  if (code === undefined || code === transaction.currency || isNoCurrency(code)) return undefined
  if (currencyExponent(code) === undefined) {
    throw new Unrepresentable('unknown-currency', 'The currency of a line is not an active ISO 4217 code.')
  }
  return code
}

function readKind(kind: Element | undefined, lineNumber: number, context: LineContext): Line {
  if (kind === undefined) return { lineNumber, lineType: 'UNKNOWN' }
  if (itemKinds.has(kind.name)) return readItemLine(kind, lineNumber, context)
  if (kind.name === 'Tender') return readTenderLine(kind, lineNumber, context)
  if (kind.name === 'TenderChange') return readChangeLine(kind, lineNumber, context)
  if (kind.name === 'Tax') return readTaxLine(kind, lineNumber, context)
  if (kind.name === 'LoyaltyReward' || kind.name === 'LoyaltyMembership' || kind.name === 'acs:LoyaltyMembership') {
    return readLoyaltyLine(kind, lineNumber, context)
  }
  const lineType = amountKinds.get(kind.name)
  if (lineType !== undefined) return readAmountLine(kind, lineType, lineNumber, context)
  const line: Line = { lineNumber, lineType: 'UNKNOWN' }
  if (kind.name === 'TransactionLink') addLink(context, readLink(kind, context))
  else keepWord(kind.name, { name: 'LineItem', notes: context.notes, extended: line })
  return line
}

function readAmountLine(
  kind: Element,
  lineType: AmountLine['lineType'],
  lineNumber: number,
  context: LineContext,
): AmountLine {
  const stated = amountOf(kind, 'Amount') ?? readDecimalText(kind) ?? '0'
  const reduces = lineType === 'DISCOUNT' || lineType === 'COUPON'
  const goesBack = context.takesBack && lineType !== 'ROUNDING'
  const amount = reduces !== goesBack ? belowZero(stated) : stated
  const line: AmountLine = { lineNumber, lineType, amount }
  const description = textOf(kind, 'Description')
  if (description !== undefined) line.description = cutText(description, 1024)
  const reference = externalText(
    textOf(kind, 'PromotionID') ?? textOf(kind, 'CouponID') ?? textOf(kind, 'PriceDerivationRuleID'),
  )
  if (reference !== undefined) line.reference = reference
  const number = lineType === 'GIFT_CARD' ? (textOf(kind, 'CardNumber') ?? textOf(kind, 'SerialNumber')) : undefined
  if (number !== undefined) line.reference = `****${number.slice(-4)}`
  return line
}

function readDecimalText(element: Element): string | undefined {
  return element.children.length === 0 ? readDecimal(element) : undefined
}

/** Rewards and points. What rewards take off stands in the totals of this dialect, and becomes money there. */
function readLoyaltyLine(kind: Element, lineNumber: number, context: LineContext): LoyaltyLine {
  const line: LoyaltyLine = { lineNumber, lineType: 'LOYALTY' }
  const account = externalText(
    textOf(kind, 'LoyaltyAccountID') ?? textOf(kind, 'LoyaltyID') ?? textOf(kind, 'acs:LoyaltyID'),
  )
  if (account !== undefined) {
    line.accountId = account
    context.transaction.loyaltyAccountId ??= account
  }
  const program = externalText(textOf(kind, 'LoyaltyProgramID'))
  if (program !== undefined) line.programId = program
  const reward = externalText(textOf(kind, 'PromotionID') ?? textOf(kind, 'RewardID'))
  if (reward !== undefined) line.rewardId = reward
  const earned = decimalOf(kind, 'PointsAwarded') ?? decimalOf(kind, 'PointsEarned')
  if (earned !== undefined) line.pointsEarned = earned
  const redeemed = decimalOf(kind, 'PointsRedeemed')
  if (redeemed !== undefined) line.pointsRedeemed = redeemed
  const money = amountOf(kind, 'Amount') ?? amountOf(kind, 'RewardAmount')
  if (money !== undefined) line.amount = context.takesBack ? money : belowZero(money)
  for (const name of ['acs:RewardLevel', 'acs:RewardType', 'acs:ExtendedRewardAmount']) {
    const text = textOf(kind, name)
    if (text !== undefined) extend(line, name, cutText(text, 64))
  }
  const level = childOf(kind, 'acs:MembershipLevel')
  if (level) extend(line, 'acs:MembershipLevel', cutText(level.text.trim(), 64))
  return line
}
