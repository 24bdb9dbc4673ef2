import { computeExactTotals, isTenderLine } from '../../domain/compute-totals.ts'
import {
  absolute,
  add,
  compare,
  type Decimal,
  decimal,
  formatDecimal,
  negate,
  subtract,
  sum,
} from '../../domain/decimal.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { decimalOf, isNegative, magnitude } from './amounts.ts'
import { attributeOf, childOf, childrenOf, type Element } from './element.ts'
import type { LineContext } from './line-context.ts'
import { extend } from './notes.ts'

/** What senders leave open, decided by the figures of the receipt itself: change, rounding, and whether prices contain tax. */
export function settle(content: Element, context: LineContext): void {
  settleChange(context.transaction)
  settleRounding(content, context)
  settleTax(content, context.transaction)
}

/**
 * Change inside a tender is netted already, or it is not: the grand total knows. Where neither reading gives it, change that is
 * stated below zero is netted and change above zero is not.
 */
function settleChange(transaction: Transaction): void {
  const counting = transaction.lines.filter(isTenderLine).filter((line) => !line.voided)
  const open = counting.filter(
    (line) => line.changeAmount !== undefined && !isNegative(line.amount) && line.tenderedAmount === undefined,
  )
  if (open.length === 0) return
  const paid = sum(counting.map((line) => decimal(line.amount)))
  const change = sum(open.map((line) => decimal(line.changeAmount ?? '0')))
  const grand = transaction.totals?.grandTotal
  const asked = grand === undefined ? undefined : decimal(grand)
  const isNetted = asked !== undefined && compare(paid, asked) === 0
  for (const line of open) {
    const amount = decimal(line.amount)
    const changed = decimal(line.changeAmount ?? '0')
    if (isNetted || (asked !== undefined && compare(subtract(paid, change), asked) !== 0 && compare(paid, asked) < 0)) {
      line.tenderedAmount = formatDecimal(add(amount, changed), 2)
    } else {
      line.tenderedAmount = line.amount
      line.amount = formatDecimal(subtract(amount, changed), 2)
    }
  }
}

/** A rounding is stated as a magnitude; its sign is what the tenders paid beyond, or below, the total before it. */
function settleRounding(content: Element, { transaction }: LineContext): void {
  for (const lineItem of childrenOf(content, 'LineItem')) {
    const tender = childOf(lineItem, 'Tender') ?? childOf(lineItem, 'TenderChange')
    const rounding = childOf(tender, 'Rounding')
    if (rounding) addRounding(transaction, decimalOf(tender, 'Rounding'), attributeOf(rounding, 'RoundingDirection'))
  }
  for (const name of ['Rounding', 'TransactionRounding', 'RoundingAmount']) {
    const rounding = childOf(content, name)
    if (rounding) addRounding(transaction, decimalOf(content, name), attributeOf(rounding, 'RoundingDirection'))
  }
  const total = childrenOf(content, 'Total').find((one) => childOf(one, 'Rounding') !== undefined)
  const rounding = childOf(total, 'Rounding')
  if (rounding) addRounding(transaction, decimalOf(total, 'Rounding'), attributeOf(rounding, 'RoundingDirection'))
  signRoundingLines(content, transaction)
}

function addRounding(transaction: Transaction, stated: string | undefined, direction: string | undefined): void {
  if (stated === undefined || transaction.lines.some((line) => line.lineType === 'ROUNDING')) return
  const amount = decimal(magnitude(stated))
  if (amount.unscaled === 0n) return
  const signed = isNegative(stated) ? negate(amount) : signOf(transaction, amount, direction)
  const lineNumber = transaction.lines.reduce((highest, line) => Math.max(highest, line.lineNumber), 0) + 1
  transaction.lines.push({ lineNumber, lineType: 'ROUNDING', amount: formatDecimal(signed, 2), tenderType: 'CASH' })
  includeInGrandTotal(transaction, signed)
}

/** A line of its own may carry its sign in `RoundingDirection`. */
function signRoundingLines(content: Element, transaction: Transaction): void {
  for (const lineItem of childrenOf(content, 'LineItem')) {
    const rounding = childOf(lineItem, 'Rounding')
    const direction = attributeOf(rounding, 'RoundingDirection')
    if (!rounding || direction === undefined) continue
    const line = transaction.lines.find((one) => one.lineType === 'ROUNDING')
    if (line?.lineType !== 'ROUNDING') continue
    const signed = signOf(transaction, decimal(magnitude(line.amount)), direction)
    line.amount = formatDecimal(signed, 2)
    includeInGrandTotal(transaction, signed)
  }
}

/** By the tenders where they tell, else by the stated direction, else downwards. */
function signOf(transaction: Transaction, amount: Decimal, direction: string | undefined): Decimal {
  const { grandTotal, netSales } = transaction.totals ?? {}
  const paid = tendersOf(transaction)
  if (grandTotal !== undefined) {
    const beyond = subtract(paid, decimal(grandTotal))
    if (compare(absolute(beyond), amount) === 0) return beyond
    if (netSales !== undefined) {
      const rounded = subtract(decimal(grandTotal), decimal(netSales))
      if (compare(absolute(rounded), amount) === 0) return rounded
    }
  }
  return direction === 'Up' ? amount : negate(amount)
}

/** The canonical grand total contains the rounding. A till that states it before rounding has its own figure kept beside. */
function includeInGrandTotal(transaction: Transaction, rounding: Decimal): void {
  const { totals } = transaction
  if (totals?.grandTotal === undefined) return
  totals.rounding ??= formatDecimal(rounding, 2)
  const rounded = add(decimal(totals.grandTotal), rounding)
  if (compare(tendersOf(transaction), rounded) !== 0) return
  extend(transaction, 'TransactionGrandAmount', totals.grandTotal)
  totals.grandTotal = formatDecimal(rounded, 2)
}

function tendersOf(transaction: Transaction): Decimal {
  const tenders = transaction.lines.filter(isTenderLine).filter((line) => !line.voided)
  return sum(tenders.map((line) => decimal(line.amount)))
}

/** Prices contain the tax where the lines alone come to the grand total, and do not where the tax is missing from it. */
function settleTax(content: Element, transaction: Transaction): void {
  const hasTax = transaction.lines.some(
    (line) => line.lineType === 'TAX' || ('taxes' in line && line.taxes !== undefined),
  )
  if (!hasTax) return
  const grand = transaction.totals?.grandTotal
  const exact = computeExactTotals(transaction)
  // Nothing was marked as included yet: without its tax the sum is what the lines come to.
  const withTax = exact.grandTotal
  const without = subtract(withTax, exact.taxAdded)
  if (exact.taxAdded.unscaled !== 0n && grand !== undefined) {
    const distance = (total: Decimal) => absolute(subtract(total, decimal(grand)))
    const order = compare(distance(without), distance(withTax))
    if (order !== 0) {
      if (order < 0) markTaxIncluded(transaction)
      return
    }
  }
  if (statesIncluded(content, transaction)) markTaxIncluded(transaction)
}

function statesIncluded(content: Element, transaction: Transaction): boolean {
  const { taxIncluded, taxAdded } = transaction.totals ?? {}
  if (taxIncluded !== undefined && taxAdded === undefined) return true
  const flags = childrenOf(content, 'LineItem').flatMap((lineItem) =>
    [childOf(lineItem, 'Tax'), ...lineItem.children.flatMap((kind) => childrenOf(kind, 'Tax'))].map((tax) =>
      attributeOf(childOf(tax, 'TaxableAmount'), 'TaxIncludedInTaxableAmountFlag'),
    ),
  )
  if (flags.includes('true')) return true
  return transaction.lines.some((line) => line.lineType === 'TAX' && line.taxType === 'VAT')
}

function markTaxIncluded({ lines }: Transaction): void {
  for (const line of lines) {
    if (line.lineType === 'TAX') line.includedInPrice = true
    else if ('taxes' in line) for (const tax of line.taxes ?? []) tax.includedInPrice = true
  }
}
