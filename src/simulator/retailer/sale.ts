import type { AmountLine, Line, SaleLine, TaxLine, TenderLine } from '../../domain/transaction/line.ts'
import type { Totals } from '../../domain/transaction/totals.ts'
import type { Amounts } from './amounts.ts'
import { type Item, pickItem } from './assortment.ts'
import type { Dice } from './dice.ts'
import type { StorePlan } from './store-plan.ts'

/** One line of a basket, before it is a receipt. */
export interface BasketLine {
  item: Item
  /** Below zero: taken back. */
  quantity: bigint
  unitMinor: bigint
  /** What a promotion takes off, above zero. */
  discountMinor: bigint
  voided: boolean
  /** Line of the original that this takes back. */
  originalLine?: number
}

export interface Till {
  plan: StorePlan
  amounts: Amounts
  dice: Dice
}

export function fillBasket({ amounts, dice }: Till): BasketLine[] {
  return Array.from({ length: dice.longTail(2.4, 40) }, (): BasketLine => {
    const item = pickItem(dice)
    const unitMinor = amounts.price(item.priceMinor)
    const quantity = BigInt(dice.chance(0.8) ? 1 : dice.between(2, 6))
    const discountMinor = dice.chance(0.15) ? (unitMinor * quantity) / 10n : 0n
    return { item, quantity, unitMinor, discountMinor, voided: dice.chance(0.02) }
  })
}

export interface Receipt {
  lines: Line[]
  totals: Totals
  grandMinor: bigint
}

/** Turns a basket into the lines and totals of a receipt that balances, paid as the dice fall. */
export function ringUp(till: Till, basket: readonly BasketLine[], options: { pay: boolean }): Receipt {
  const { amounts, plan } = till
  const lines: Line[] = []
  const number = () => lines.length + 1
  for (const one of basket) lines.push(toSaleLine(till, one, number()))
  const counting = basket.filter((one) => !one.voided)
  const netOf = (one: BasketLine) => one.unitMinor * one.quantity - one.discountMinor
  const netMinor = counting.reduce((sum, one) => sum + netOf(one), 0n)
  let taxMinor = 0n
  for (const category of ['standard', 'reduced'] as const) {
    const base = counting.filter((one) => one.item.taxCategory === category).reduce((sum, one) => sum + netOf(one), 0n)
    if (base === 0n) continue
    const tax = amounts.tax(base, category)
    taxMinor += tax
    const line: TaxLine = {
      lineNumber: number(),
      lineType: 'TAX',
      taxType: plan.taxIncluded ? 'VAT' : 'SALES',
      ratePercent: plan.taxRates[category],
      taxableAmount: amounts.text(base),
      taxAmount: amounts.text(tax),
      includedInPrice: plan.taxIncluded,
    }
    lines.push(line)
  }
  const dueMinor = netMinor + (plan.taxIncluded ? 0n : taxMinor)
  const grandMinor = options.pay ? pay(till, lines, dueMinor) : dueMinor
  return {
    lines,
    grandMinor,
    totals: {
      netSales: amounts.text(netMinor),
      taxTotal: amounts.text(taxMinor),
      grandTotal: amounts.text(grandMinor),
      ...(grandMinor !== dueMinor && { rounding: amounts.text(grandMinor - dueMinor) }),
    },
  }
}

function toSaleLine({ amounts }: Till, one: BasketLine, lineNumber: number): SaleLine {
  const extended = one.unitMinor * one.quantity
  return {
    lineNumber,
    lineType: one.quantity < 0n ? 'RETURN' : 'SALE',
    itemId: one.item.itemId,
    gtin: one.item.gtin,
    posItemId: one.item.gtin,
    description: one.item.description,
    itemType: 'STOCK',
    entryMethod: 'SCANNED',
    quantity: one.quantity.toString(),
    unitOfMeasure: 'EA',
    actualUnitPrice: amounts.text(one.unitMinor),
    extendedAmount: amounts.text(extended),
    ...(one.discountMinor !== 0n && {
      netAmount: amounts.text(extended - one.discountMinor),
      priceModifiers: [
        {
          sequence: 1,
          amount: amounts.text(-one.discountMinor),
          percent: '-10',
          promotionId: 'P10',
          method: 'PROMOTION',
          appliedTo: 'LINE',
        },
      ],
    }),
    ...(one.voided && { voided: true, approval: { approverId: 'M1' } }),
    ...(one.originalLine !== undefined && { originalLink: { lineNumber: one.originalLine } }),
  }
}

/** Adds the tenders (and cash rounding); returns what was asked for in the end. */
function pay({ amounts, dice }: Till, lines: Line[], dueMinor: bigint): bigint {
  if (dueMinor === 0n) return 0n
  const lineNumber = () => lines.length + 1
  if (dice.chance(0.35)) return payCash({ amounts, dice }, lines, dueMinor)
  const giftMinor = dueMinor > 2_000n && dice.chance(0.06) ? dueMinor / 3n : 0n
  if (giftMinor > 0n) {
    const gift: TenderLine = {
      lineNumber: lineNumber(),
      lineType: 'TENDER',
      tenderType: 'GIFT_CARD',
      amount: amounts.text(giftMinor),
      storedValue: {
        maskedNumber: `****${dice.between(1000, 9999)}`,
        balanceAfter: amounts.text(BigInt(dice.between(0, 5_000))),
      },
    }
    lines.push(gift)
  }
  const card: TenderLine = {
    lineNumber: lineNumber(),
    lineType: 'TENDER',
    tenderType: 'CREDIT_DEBIT',
    amount: amounts.text(dueMinor - giftMinor),
    state: 'CAPTURED',
    card: {
      brand: dice.pick(['VISA', 'MASTERCARD', 'GIROCARD']),
      last4: String(dice.between(1000, 9999)),
      entryMode: 'CONTACTLESS',
      authorizationCode: String(dice.between(100_000, 999_999)),
    },
  }
  lines.push(card)
  return dueMinor
}

function payCash({ amounts, dice }: Pick<Till, 'amounts' | 'dice'>, lines: Line[], dueMinor: bigint): bigint {
  const payable = amounts.payable(dueMinor)
  if (payable !== dueMinor) {
    const rounding: AmountLine = {
      lineNumber: lines.length + 1,
      lineType: 'ROUNDING',
      amount: amounts.text(payable - dueMinor),
      tenderType: 'CASH',
    }
    lines.push(rounding)
  }
  const note = 1_000n
  const tendered = payable > 0n && dice.chance(0.7) ? ((payable + note - 1n) / note) * note : payable
  const cash: TenderLine = {
    lineNumber: lines.length + 1,
    lineType: 'TENDER',
    tenderType: 'CASH',
    amount: amounts.text(payable),
    tenderedAmount: amounts.text(tendered),
    changeAmount: amounts.text(tendered - payable),
  }
  lines.push(cash)
  return payable
}
