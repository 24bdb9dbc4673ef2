import { countingLines, isAmountLine, isSaleLine, isTenderLine, tenderCounts } from '../../domain/compute-totals.ts'
import { currencyExponent } from '../../domain/currency.ts'
import { postingKind } from '../../domain/postable.ts'
import type { ModifierMethod, TenderType, TransactionType } from '../../domain/transaction/codes.ts'
import type { AmountLine, Line, LoyaltyLine, SaleLine, TaxLine, TenderLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { minorText, quantityText } from '../retailer/amounts.ts'
import type { StoreDayFigures } from './shape.ts'

/** Sums by name, in minor units. */
class Sums<Name extends string> {
  readonly #sums = new Map<Name, bigint>()

  add(name: Name, minor: bigint): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0n) + minor)
  }

  of(name: Name): bigint {
    return this.#sums.get(name) ?? 0n
  }

  /** By name, so that the order in which tills were run does not show. */
  sorted(): [Name, bigint][] {
    return [...this.#sums].sort(([left], [right]) => (left < right ? -1 : 1))
  }
}

type Amount =
  | 'grossSales' | 'discounts' | 'taxIncluded' | 'taxAdded' | 'nonSales' | 'tips' | 'rounding' | 'returns' | 'postVoids'
  | 'loans' | 'pickups' | 'paidIn' | 'paidOut' | 'overShort' | 'giftCardsSold' // biome-ignore format: a list reads better as a block

const movements: Partial<Record<TransactionType, 'loans' | 'pickups' | 'paidIn' | 'paidOut'>> = {
  TENDER_LOAN: 'loans',
  TENDER_PICKUP: 'pickups',
  PAID_IN: 'paidIn',
  PAID_OUT: 'paidOut',
}

/** Adds up clean transactions of one store and currency. Its size depends on items and rates, not on receipts. */
export class Figures {
  readonly #exponent: number
  readonly #types = new Sums<TransactionType>()
  readonly #receipts = new Sums<TransactionType>()
  readonly #amounts = new Sums<Amount>()
  readonly #methods = new Sums<ModifierMethod>()
  readonly #taxable = new Sums()
  readonly #taxes = new Sums()
  readonly #tenders = new Sums<TenderType>()
  readonly #tenderCounts = new Sums<TenderType>()
  readonly #foreign = new Sums()
  readonly #sold = new Sums()
  readonly #returned = new Sums()
  readonly #points = { earned: 0, redeemed: 0, adjusted: 0 }
  #notForTheBooks = 0
  #returnLines = 0

  constructor(currency: string) {
    this.#exponent = currencyExponent(currency) ?? 2
  }

  /** Whether it is a receipt for the books. */
  add(transaction: Transaction): boolean {
    const { transactionType, cashMovement, tillSession } = transaction
    this.#types.add(transactionType, 1n)
    const kind = postingKind(transaction)
    if (kind === 'sale') this.#addReceipt(transaction)
    else if (transaction.lines.length > 0) this.#notForTheBooks += 1
    const movement = movements[transactionType]
    if (movement && cashMovement) this.#amounts.add(movement, minorOf(cashMovement.amount))
    for (const { currency, amount } of tillSession?.overShort ?? [])
      if (currency === undefined) this.#amounts.add('overShort', minorOf(amount))
    return kind === 'sale'
  }

  #addReceipt(transaction: Transaction): void {
    const { transactionType } = transaction
    this.#receipts.add(transactionType, 1n)
    const isVoid = transactionType === 'POST_VOID'
    if (isVoid) this.#amounts.add('postVoids', minorOf(transaction.totals?.grandTotal ?? '0'))
    for (const line of countingLines(transaction)) this.#addLine(line, isVoid)
  }

  #addLine(line: Line, isVoid: boolean): void {
    if (isSaleLine(line)) this.#addGoods(line, isVoid)
    else if (isTenderLine(line)) this.#addTender(line)
    else if (line.lineType === 'TAX') this.#addTax(line)
    else if (line.lineType === 'LOYALTY') this.#addPoints(line)
    else if (isAmountLine(line)) this.#addAmount(line)
  }

  #addGoods(line: SaleLine, isVoid: boolean): void {
    const quantity = milliOf(line.quantity)
    if (quantity > 0n) this.#sold.add(line.itemId, quantity)
    else this.#returned.add(line.itemId, -quantity)
    const gross = minorOf(line.extendedAmount)
    this.#amounts.add('grossSales', gross)
    let net = gross
    for (const { amount, method } of line.priceModifiers ?? []) {
      const minor = minorOf(amount)
      net += minor
      this.#amounts.add('discounts', minor)
      this.#methods.add(method, minor)
    }
    if (line.lineType !== 'RETURN' || isVoid) return
    this.#returnLines += 1
    this.#amounts.add('returns', net)
  }

  #addTax({ ratePercent = '', taxableAmount = '0', taxAmount, includedInPrice }: TaxLine): void {
    const name = `${includedInPrice ? 'included' : 'added'} ${ratePercent}`
    this.#taxable.add(name, minorOf(taxableAmount))
    this.#taxes.add(name, minorOf(taxAmount))
    this.#amounts.add(includedInPrice ? 'taxIncluded' : 'taxAdded', minorOf(taxAmount))
  }

  #addTender(line: TenderLine): void {
    if (!tenderCounts(line)) return
    this.#tenders.add(line.tenderType, minorOf(line.amount))
    this.#tenderCounts.add(line.tenderType, 1n)
    const { foreignAmount } = line
    if (foreignAmount) {
      // With the decimals of its own currency, so the text alone says how many there are.
      this.#foreign.add(foreignAmount.currency, minorOf(foreignAmount.amount))
    }
  }

  #addPoints({ pointsEarned = '0', pointsRedeemed = '0', pointsAdjusted = '0' }: LoyaltyLine): void {
    this.#points.earned += Number(pointsEarned)
    this.#points.redeemed += Number(pointsRedeemed)
    this.#points.adjusted += Number(pointsAdjusted)
  }

  #addAmount({ lineType, amount }: AmountLine): void {
    const minor = minorOf(amount)
    if (lineType === 'TIP') this.#amounts.add('tips', minor)
    else if (lineType === 'ROUNDING') this.#amounts.add('rounding', minor)
    else this.#amounts.add('nonSales', minor)
    if (lineType === 'GIFT_CARD') this.#amounts.add('giftCardsSold', minor)
  }

  toJson(): StoreDayFigures {
    const text = (minor: bigint) => minorText(minor, this.#exponent)
    const amount = (name: Amount) => text(this.#amounts.of(name))
    const of = (name: Amount) => this.#amounts.of(name)
    const netSales = of('grossSales') + of('discounts')
    return {
      transactions: counts(this.#types),
      receipts: counts(this.#receipts),
      notForTheBooks: this.#notForTheBooks,
      grossSales: amount('grossSales'),
      discounts: amount('discounts'),
      discountsByMethod: Object.fromEntries(this.#methods.sorted().map(([method, minor]) => [method, text(minor)])),
      netSales: text(netSales),
      taxIncluded: amount('taxIncluded'),
      taxAdded: amount('taxAdded'),
      nonSales: amount('nonSales'),
      tips: amount('tips'),
      rounding: amount('rounding'),
      grandTotal: text(netSales + of('taxAdded') + of('nonSales') + of('tips') + of('rounding')),
      taxes: this.#taxes.sorted().map(([name, tax]) => {
        const [kind, ratePercent = ''] = name.split(' ')
        return { ratePercent, included: kind === 'included', taxable: text(this.#taxable.of(name)), tax: text(tax) }
      }),
      tenders: this.#tenders.sorted().map(([tenderType, minor]) => {
        return { tenderType, count: Number(this.#tenderCounts.of(tenderType)), amount: text(minor) }
      }),
      foreignCash: this.#foreign.sorted().map(([currency, minor]) => {
        return { currency, amount: minorText(minor, currencyExponent(currency) ?? 2) }
      }),
      returns: { lines: this.#returnLines, netAmount: amount('returns') },
      postVoids: amount('postVoids'),
      stock: this.#stock(),
      cash: {
        loans: amount('loans'),
        pickups: amount('pickups'),
        paidIn: amount('paidIn'),
        paidOut: amount('paidOut'),
        overShort: amount('overShort'),
      },
      giftCards: { sold: amount('giftCardsSold'), redeemed: text(this.#tenders.of('GIFT_CARD')) },
      points: { ...this.#points },
    }
  }

  #stock(): StoreDayFigures['stock'] {
    const items = new Set([...this.#sold.sorted(), ...this.#returned.sorted()].map(([itemId]) => itemId))
    return [...items].sort().map((itemId) => {
      const [sold, returned] = [this.#sold.of(itemId), this.#returned.of(itemId)]
      const movement = quantityText(returned - sold)
      return { itemId, sold: quantityText(sold), returned: quantityText(returned), movement }
    })
  }
}

function counts<Name extends string>(sums: Sums<Name>): Partial<Record<Name, number>> {
  const entries = sums.sorted().map(([name, count]) => [name, Number(count)])
  return Object.fromEntries(entries) as Partial<Record<Name, number>>
}

/** Our own tills print every amount with the decimals of its currency, so the digits alone are the minor units. */
function minorOf(text: string): bigint {
  let value = 0
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30
    if (digit >= 0) value = value * 10 + digit
  }
  return BigInt(text.charCodeAt(0) === 0x2d ? -value : value)
}

/** Pieces are printed without decimals, weights with three. */
function milliOf(text: string): bigint {
  return text.includes('.') ? minorOf(text) : minorOf(text) * 1_000n
}
