import { currencyExponent } from '../../domain/currency.ts'
import type { TenderType, TransactionType } from '../../domain/transaction/codes.ts'
import type { TenderCount, TillSession, ZReport } from '../../domain/transaction/session.ts'
import { type Amounts, minorText } from './amounts.ts'
import type { Receipt } from './receipt.ts'
import type { StorePlan } from './store-plan.ts'
import { hasSeveralTaxes } from './taxes.ts'

/** What a till keeps over its days. */
export interface TillBooks {
  nextSequence: number
  series: string | undefined
  zNumber: number
  /** All sales there ever were, less nothing. */
  grandTotalMinor: bigint
}

export function newTillBooks(firstSequenceNumber = 1): TillBooks {
  return { nextSequence: firstSequenceNumber, series: undefined, zNumber: 0, grandTotalMinor: 0n }
}

interface RateSum {
  baseMinor: bigint
  taxMinor: bigint
}

/** Everything a till counts between opening and closing; Z report and drawer are printed from it. */
export class TillTally {
  readonly #plan: StorePlan
  readonly #amounts: Amounts
  readonly #rates = new Map<string, RateSum>()
  readonly #tenders = new Map<TenderType, { minor: bigint; count: number }>()
  readonly #foreign = new Map<string, bigint>()
  #grossMinor = 0n
  #taxMinor = 0n
  #salesMinor = 0n
  #cashSalesMinor = 0n
  #cashRefundsMinor = 0n
  readonly counts = { voids: 0, returns: 0, noSales: 0 }
  floatMinor = 0n
  paidInMinor = 0n
  paidOutMinor = 0n
  pickupsMinor = 0n

  constructor(plan: StorePlan, amounts: Amounts) {
    this.#plan = plan
    this.#amounts = amounts
  }

  /** A receipt for the books. */
  add(type: TransactionType, { netMinor, taxes, grandMinor, tenders }: Receipt): void {
    const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n)
    this.#grossMinor += this.#plan.rules.taxIncluded ? netMinor : netMinor + taxMinor
    this.#taxMinor += taxMinor
    if (type !== 'POST_VOID' && type !== 'RETURN' && grandMinor > 0n) this.#salesMinor += grandMinor
    for (const { rule, baseMinor, taxMinor: ofRate } of taxes) {
      const sum = this.#rates.get(rule.ratePercent) ?? { baseMinor: 0n, taxMinor: 0n }
      this.#rates.set(rule.ratePercent, { baseMinor: sum.baseMinor + baseMinor, taxMinor: sum.taxMinor + ofRate })
    }
    for (const { tenderType, minor, drawerMinor, foreign } of tenders) {
      const known = this.#tenders.get(tenderType) ?? { minor: 0n, count: 0 }
      this.#tenders.set(tenderType, { minor: known.minor + minor, count: known.count + 1 })
      if (foreign) this.#foreign.set(foreign.currency, (this.#foreign.get(foreign.currency) ?? 0n) + foreign.minor)
      if (minor < 0n && drawerMinor < 0n) this.#cashRefundsMinor -= drawerMinor
      else this.#cashSalesMinor += drawerMinor
    }
  }

  /** What must be in the drawer, in our own money. */
  get drawerMinor(): bigint {
    const into = this.floatMinor + this.#cashSalesMinor + this.paidInMinor
    return into - this.#cashRefundsMinor - this.paidOutMinor - this.pickupsMinor
  }

  /** The drawer from float to count; `overMinor` is what was counted beyond what must be there. */
  session(openedAt: string, closedAt: string, overMinor: bigint): TillSession {
    const { text } = this.#amounts
    const cash = (minor: bigint): TenderCount[] => [
      { tenderType: 'CASH', amount: text(minor) },
      ...[...this.#foreign].sort().map(([currency, foreign]): TenderCount => {
        return { tenderType: 'CASH', currency, amount: minorText(foreign, currencyExponent(currency) ?? 2) }
      }),
    ]
    return {
      openedAt,
      closedAt,
      openingFloat: text(this.floatMinor),
      cashSales: text(this.#cashSalesMinor),
      cashRefunds: text(this.#cashRefundsMinor),
      paidIn: text(this.paidInMinor),
      paidOut: text(this.paidOutMinor),
      pickups: text(this.pickupsMinor),
      expected: cash(this.drawerMinor),
      declared: cash(this.drawerMinor + overMinor),
      overShort: [{ tenderType: 'CASH', amount: text(overMinor) }],
    }
  }

  /** The closing report over the numbers from `firstSequence` to `lastSequence`. */
  report(books: TillBooks, firstSequence: number, lastSequence: number, overMinor: bigint | undefined): ZReport {
    const { text } = this.#amounts
    const { voids, returns, noSales } = this.counts
    books.zNumber += 1
    const previous = books.grandTotalMinor
    books.grandTotalMinor += this.#salesMinor
    return {
      zNumber: books.zNumber,
      firstSequence,
      lastSequence,
      transactionCount: lastSequence - firstSequence + 1,
      voidCount: voids,
      returnCount: returns,
      noSaleCount: noSales,
      salesByTaxRate: this.#salesByRate(),
      tenders: [...this.#tenders].map(([tenderType, { minor, count }]) => ({ tenderType, amount: text(minor), count })),
      grossSales: text(this.#grossMinor),
      netSales: text(this.#grossMinor - this.#taxMinor),
      taxTotal: text(this.#taxMinor),
      ...(overMinor !== undefined && {
        paidIn: text(this.paidInMinor),
        paidOut: text(this.paidOutMinor),
        openingFloat: text(this.floatMinor),
        closingCount: text(this.drawerMinor + overMinor),
        overShort: text(overMinor),
      }),
      nonResettableGrandTotal: { previous: text(previous), current: text(books.grandTotalMinor) },
    }
  }

  /** Where goods bear two taxes the bases overlap, so only the taxes are printed. */
  #salesByRate(): NonNullable<ZReport['salesByTaxRate']> {
    const { text } = this.#amounts
    const { taxIncluded } = this.#plan.rules
    const severalTaxes = hasSeveralTaxes(this.#plan)
    return [...this.#rates].map(([ratePercent, { baseMinor, taxMinor }]) => {
      if (severalTaxes) return { ratePercent, tax: text(taxMinor) }
      const net = taxIncluded ? baseMinor - taxMinor : baseMinor
      return { ratePercent, net: text(net), tax: text(taxMinor), gross: text(net + taxMinor) }
    })
  }
}
