import { add, compare, decimal, formatDecimal, multiply, roundTo, subtract, sum } from '../../domain/decimal.ts'
import type { PriceModifier, SaleLine } from '../../domain/transaction/line.ts'
import { belowZero, decimalOf, isZero, magnitude, negated, priceOf } from './amounts.ts'
import { attributeOf, childOf, childrenOf, type Element, flagOf, textOf } from './element.ts'
import { externalText } from './header.ts'
import type { LineContext } from './line-context.ts'
import { readWord, Unrepresentable } from './notes.ts'
import { modifierMethodWords } from './words.ts'

const modifiersMax = 100

/**
 * Discounts of a line. ARTS states the extended amount after them, our model before: where the amount is the one after, what
 * the modifiers took is put back and the till's figure becomes the net amount. Unit price and amount then still agree.
 */
export function readModifiers(line: SaleLine, item: Element, context: LineContext): void {
  const modifiers = childrenOf(item, 'RetailPriceModifier')
    .filter((one) => !flagOf(one, 'VoidFlag'))
    .flatMap((one, index) => readModifier(one, index + 1, line, context) ?? [])
  if (modifiers.length === 0) return
  if (modifiers.length > modifiersMax) {
    throw new Unrepresentable('unreadable-content', `A line has more than ${modifiersMax} price modifiers.`)
  }
  line.priceModifiers = modifiers
  const taken = sum(modifiers.map((one) => decimal(one.amount)))
  const extended = decimal(line.extendedAmount)
  if (isBeforeModifiers(line)) {
    line.netAmount = formatDecimal(add(extended, taken), 2)
    return
  }
  line.netAmount = line.extendedAmount
  line.extendedAmount = formatDecimal(subtract(extended, taken), 2)
  const { actualUnitPrice } = line
  if (actualUnitPrice !== undefined && actualUnitPrice !== line.regularUnitPrice) {
    line.extensions = { ...line.extensions, ActualSalesUnitPrice: actualUnitPrice }
    delete line.actualUnitPrice
  }
}

/** Only a regular price that explains the amount, beside another price that does not, says that modifiers come after. */
function isBeforeModifiers(line: SaleLine): boolean {
  const { quantity, regularUnitPrice, actualUnitPrice, extendedAmount } = line
  const explains = (price: string | undefined) =>
    price !== undefined &&
    compare(roundTo(multiply(decimal(quantity), decimal(price)), 2), roundTo(decimal(extendedAmount), 2)) === 0
  return explains(regularUnitPrice) && (actualUnitPrice === undefined || !explains(actualUnitPrice))
}

function readModifier(
  element: Element,
  sequence: number,
  line: SaleLine,
  { notes }: LineContext,
): PriceModifier | undefined {
  const amount = readReduction(element, line)
  if (amount === undefined || isZero(amount)) return undefined
  const method = attributeOf(element, 'MethodCode')
  const modifier: PriceModifier = { sequence, amount, method: 'OTHER', appliedTo: 'LINE' }
  modifier.method =
    method === undefined
      ? 'OTHER'
      : (readWord(method, modifierMethodWords, { name: 'MethodCode', notes, extended: line }) ?? 'OTHER')
  const percent = decimalOf(element, 'Percent')
  if (percent !== undefined) modifier.percent = percent
  const promotionId = externalText(textOf(element, 'PromotionID') ?? textOf(element, 'PriceDerivationRuleID'))
  if (promotionId !== undefined) modifier.promotionId = promotionId
  const reasonCode = externalText(textOf(element, 'ReasonCode'))
  if (reasonCode !== undefined) modifier.reasonCode = reasonCode
  if (attributeOf(element, 'Level') === 'Transaction') modifier.appliedTo = 'TRANSACTION_PRORATED'
  return modifier
}

/** A reduction is below zero on a sale and above on a return; `Action` says Add, Subtract or Replace, by default Subtract. */
function readReduction(element: Element, line: SaleLine): string | undefined {
  const amount = decimalOf(element, 'Amount')
  const action = attributeOf(childOf(element, 'Amount'), 'Action') ?? 'Subtract'
  const isReturn = line.lineType === 'RETURN'
  if (amount !== undefined && action !== 'Replace') {
    const change = action === 'Add' ? magnitude(amount) : belowZero(amount)
    return isReturn ? negated(change) : change
  }
  const [before, after] = [priceOf(element, 'PreviousPrice'), priceOf(element, 'NewPrice')]
  if (before === undefined || after === undefined) return undefined
  const perUnit = subtract(decimal(after), decimal(before))
  return formatDecimal(roundTo(multiply(perUnit, decimal(line.quantity)), 5), 2)
}
