import { isAmountLine, isSaleLine, isTenderLine } from '../../domain/compute-totals.ts'
import type { AmountLine, Line, LineTax, PriceModifier, SaleLine } from '../../domain/transaction/line.ts'
import type { Totals } from '../../domain/transaction/totals.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { type Amounts, quantityText } from './amounts.ts'
import type { BasketLine } from './basket.ts'
import type { GiftCard } from './gift-cards.ts'
import { type CashPoint, type PaidTender, type PaymentOptions, pay } from './payment.ts'
import type { StorePlan } from './store-plan.ts'
import { type TaxSum, taxesOf, taxLine } from './taxes.ts'

/** Lines and totals of a receipt, and the same money as numbers for whoever counts along. */
export interface Receipt {
  content: Pick<Transaction, 'lines' | 'totals'>
  netMinor: bigint
  taxes: TaxSum[]
  /** What the customer was asked for, rounding and tip included. */
  grandMinor: bigint
  tenders: PaidTender[]
}

export interface RingUpOptions {
  /** Undefined: rung up and not paid. */
  payment?: PaymentOptions
  /** Gift cards that are sold or loaded, with the amount. */
  giftCards?: readonly { card: GiftCard; amountMinor: bigint }[]
  isSelfService?: boolean
}

/** Turns a basket into the lines and totals of a receipt that balances, paid as the dice fall. */
export function ringUp(
  point: CashPoint & { plan: StorePlan },
  basket: readonly BasketLine[],
  { payment, giftCards = [], isSelfService = false }: RingUpOptions,
): Receipt {
  const { amounts, plan } = point
  const { ofLines, sums } = taxesOf(plan, amounts, basket)
  const lines: Line[] = []
  let [grossMinor, netMinor] = [0n, 0n]
  for (const [index, one] of basket.entries()) {
    lines.push(toSaleLine(amounts, one, index + 1, ofLines[index] ?? [], isSelfService))
    if (one.voided) continue
    grossMinor += one.extendedMinor
    netMinor += one.netMinor
  }
  let giftMinor = 0n
  for (const { card, amountMinor } of giftCards) {
    lines.push(giftCardLine(amounts, card, amountMinor, lines.length + 1))
    giftMinor += amountMinor
  }
  for (const sum of sums) lines.push(taxLine(sum, plan, amounts, lines.length + 1))
  const taxMinor = sums.reduce((total, sum) => total + sum.taxMinor, 0n)
  const dueMinor = netMinor + giftMinor + (plan.rules.taxIncluded ? 0n : taxMinor)
  const paid = payment ? pay(point, lines, dueMinor, payment) : { tenders: [], roundingMinor: 0n, tipMinor: 0n }
  const grandMinor = dueMinor + paid.roundingMinor + paid.tipMinor
  const totals: Totals = {
    grossSales: amounts.text(grossMinor),
    discounts: amounts.text(netMinor - grossMinor),
    netSales: amounts.text(netMinor),
    taxTotal: amounts.text(taxMinor),
    ...(paid.roundingMinor !== 0n && { rounding: amounts.text(paid.roundingMinor) }),
    ...(paid.tipMinor !== 0n && { tip: amounts.text(paid.tipMinor) }),
    ...(giftMinor !== 0n && { nonSalesTotal: amounts.text(giftMinor) }),
    grandTotal: amounts.text(grandMinor),
  }
  return { content: { lines, totals }, netMinor, taxes: sums, grandMinor, tenders: paid.tenders }
}

function toSaleLine(
  amounts: Amounts,
  one: BasketLine,
  lineNumber: number,
  taxes: LineTax[],
  selfScan: boolean,
): SaleLine {
  const { item } = one
  const isWeighed = item.soldBy === 'weight'
  const line: SaleLine = {
    lineNumber,
    lineType: one.quantityMilli < 0n ? 'RETURN' : 'SALE',
    itemId: item.itemId,
    gtin: item.gtin,
    description: item.description,
    itemType: 'STOCK',
    entryMethod: isWeighed ? 'WEIGHED' : selfScan ? 'SELF_SCAN' : 'SCANNED',
    quantity: quantityText(one.quantityMilli),
    unitOfMeasure: isWeighed ? 'KGM' : 'EA',
    actualUnitPrice: amounts.text(one.unitMinor),
    extendedAmount: amounts.text(one.extendedMinor),
  }
  if (one.modifiers.length > 0) {
    line.netAmount = amounts.text(one.netMinor)
    line.priceModifiers = one.modifiers.map(({ minor, ...rest }, index): PriceModifier => {
      return { sequence: index + 1, amount: amounts.text(minor), ...rest }
    })
    if (one.modifiers.some(({ method }) => method === 'PRICE_OVERRIDE')) line.approval = { approverId: 'M1' }
  }
  if (taxes.length > 0) line.taxes = taxes
  if (one.voided) {
    line.voided = true
    line.approval = { approverId: 'M1' }
  }
  if (one.originalLine !== undefined) line.originalLink = { lineNumber: one.originalLine }
  return line
}

function giftCardLine(amounts: Amounts, card: GiftCard, amountMinor: bigint, lineNumber: number): AmountLine {
  return {
    lineNumber,
    lineType: 'GIFT_CARD',
    amount: amounts.text(amountMinor),
    reference: card.reference,
    balanceAfter: amounts.text(card.balanceMinor),
  }
}

/**
 * The exact opposite of a receipt: every line that counts, with its amounts turned round. Balances of the original are not the
 * opposite of anything, so receipts with cards or accounts are not turned round here.
 */
export function opposite({ content, ...receipt }: Receipt): Receipt {
  const { lines, totals = {} } = content
  const turned = lines.filter((line) => !line.voided).map((line, index) => turnLine(line, index + 1))
  return {
    content: {
      lines: turned,
      totals: Object.fromEntries(Object.entries(totals).map(([name, text]) => [name, turn(text)])),
    },
    netMinor: -receipt.netMinor,
    grandMinor: -receipt.grandMinor,
    taxes: receipt.taxes.map((sum) => ({ ...sum, baseMinor: -sum.baseMinor, taxMinor: -sum.taxMinor })),
    tenders: receipt.tenders.map(({ foreign, ...tender }) => ({
      ...tender,
      minor: -tender.minor,
      drawerMinor: -tender.drawerMinor,
      ...(foreign && { foreign: { ...foreign, minor: -foreign.minor } }),
    })),
  }
}

function turnLine(line: Line, lineNumber: number): Line {
  if (isSaleLine(line)) return turnSaleLine(line, lineNumber)
  if (isTenderLine(line)) {
    const { tenderedAmount: _, changeAmount: __, foreignAmount, ...rest } = line
    const turned = { ...rest, lineNumber, amount: turn(line.amount) }
    if (!foreignAmount) return turned
    // The notes go back as they came, and so does the change.
    const { tenderedAmount = line.amount, changeAmount = '0' } = line
    const foreign = { ...foreignAmount, amount: turn(foreignAmount.amount) }
    return { ...turned, foreignAmount: foreign, tenderedAmount: turn(tenderedAmount), changeAmount: turn(changeAmount) }
  }
  if (line.lineType === 'TAX') {
    const { taxableAmount = '0', taxAmount } = line
    return { ...line, lineNumber, taxableAmount: turn(taxableAmount), taxAmount: turn(taxAmount) }
  }
  return isAmountLine(line) ? { ...line, lineNumber, amount: turn(line.amount) } : { ...line, lineNumber }
}

function turnSaleLine(line: SaleLine, lineNumber: number): SaleLine {
  const turned: SaleLine = {
    ...line,
    lineNumber,
    lineType: line.lineType === 'SALE' ? 'RETURN' : 'SALE',
    quantity: turn(line.quantity),
    extendedAmount: turn(line.extendedAmount),
    originalLink: { lineNumber: line.lineNumber },
  }
  if (line.netAmount !== undefined) turned.netAmount = turn(line.netAmount)
  if (line.priceModifiers)
    turned.priceModifiers = line.priceModifiers.map((one) => ({ ...one, amount: turn(one.amount) }))
  if (line.taxes) {
    turned.taxes = line.taxes.map((tax) => ({
      ...tax,
      taxableAmount: turn(tax.taxableAmount ?? '0'),
      taxAmount: turn(tax.taxAmount ?? '0'),
    }))
  }
  return turned
}

function turn(text: string): string {
  if (text.startsWith('-')) return text.slice(1)
  return /^[0.]*$/.test(text) ? text : `-${text}`
}
