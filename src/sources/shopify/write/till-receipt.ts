import { netOfLine } from '../../../domain/compute-totals.ts'
import { currencyExponent } from '../../../domain/currency.ts'
import { decimal, formatDecimal, sum } from '../../../domain/decimal.ts'
import type { AmountLine, Line, SaleLine } from '../../../domain/transaction/line.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'

/**
 * A till's receipt as Shopify would have made it: coupons are discount codes that are spread over the goods, and a void is the refund
 * of everything, by which the goods never left. Facts of Shopify's own stay as they are.
 */
export function asSoldByShopify(transaction: Transaction): Transaction {
  if (transaction.vendorFact) return transaction
  return spreadCoupons(asRefund(transaction))
}

function asRefund(transaction: Transaction): Transaction {
  const { transactionType, links = [], lines } = transaction
  if (transactionType !== 'POST_VOID') return transaction
  const original = links.find(({ linkType }) => linkType === 'POST_VOID_OF')
  // What a void of a return gives out again would be a new sale, of which Shopify could not say what it takes back.
  if (!original || !lines.some(goesBack) || lines.some((line) => !line.voided && line.lineType === 'SALE'))
    return transaction
  return { ...transaction, transactionType: 'RETURN', links: [{ ...original, linkType: 'RETURN_OF' }] }
}

function goesBack(line: Line): boolean {
  return line.lineType === 'RETURN' && !line.voided
}

function spreadCoupons(transaction: Transaction): Transaction {
  const { lines, currency } = transaction
  const coupons = lines.filter((line): line is AmountLine => line.lineType === 'COUPON' && !line.voided)
  const isWritable = coupons.every(({ amount, taxes = [] }) => decimal(amount).unscaled < 0n && taxes.length === 0)
  if (coupons.length === 0 || !isWritable) return transaction
  let goods = lines.filter((line): line is SaleLine => line.lineType === 'SALE' && !line.voided)
  for (const coupon of coupons) {
    const spread = spreadCoupon(goods, coupon, currency)
    if (spread === undefined) return transaction
    goods = spread
  }
  const byNumber = new Map(goods.map((line) => [line.lineNumber, line]))
  const told = lines.filter((line) => line.lineType !== 'COUPON' || line.voided)
  return { ...transaction, lines: told.map((line) => byNumber.get(line.lineNumber) ?? line) }
}

/** Each line gets its share by what it costs, the last cents go to the largest remainders. Undefined where it costs less than the coupon. */
function spreadCoupon(goods: readonly SaleLine[], coupon: AmountLine, currency: string): SaleLine[] | undefined {
  const scale = currencyExponent(currency) ?? 2
  const unitsOf = (text: string) => minorUnits(text, scale)
  const [off, nets] = [unitsOf(coupon.amount), goods.map((line) => unitsOf(formatDecimal(netOfLine(line))))]
  const whole = nets.reduce<bigint>((total, net) => total + (net ?? 0n), 0n)
  if (off === undefined || nets.some((net) => net === undefined || net < 0n) || whole < -off) return undefined
  const shares = shareOut(
    -off,
    nets.map((net) => net ?? 0n),
    whole,
  )
  return goods.map((line, index) => {
    const share = shares[index] ?? 0n
    return share === 0n ? line : withCoupon(line, formatDecimal({ unscaled: -share, scale }, scale), coupon)
  })
}

function minorUnits(text: string, scale: number): bigint | undefined {
  const { unscaled, scale: given } = decimal(text)
  if (given <= scale) return unscaled * 10n ** BigInt(scale - given)
  const divisor = 10n ** BigInt(given - scale)
  return unscaled % divisor === 0n ? unscaled / divisor : undefined
}

function shareOut(off: bigint, nets: readonly bigint[], whole: bigint): bigint[] {
  const shares = nets.map((net) => (off * net) / whole)
  let left = off - shares.reduce((total, share) => total + share, 0n)
  const byRemainder = nets
    .map((net, index) => ({ index, remainder: (off * net) % whole }))
    .toSorted((one, other) => (one.remainder === other.remainder ? 0 : one.remainder < other.remainder ? 1 : -1))
  for (const { index } of byRemainder) {
    if (left === 0n) break
    shares[index] = (shares[index] ?? 0n) + 1n
    left -= 1n
  }
  return shares
}

function withCoupon(line: SaleLine, amount: string, { reference }: AmountLine): SaleLine {
  const modifiers = line.priceModifiers ?? []
  return {
    ...line,
    netAmount: formatDecimal(sum([netOfLine(line), decimal(amount)])),
    priceModifiers: [
      ...modifiers,
      {
        sequence: modifiers.length + 1,
        amount,
        method: 'COUPON',
        appliedTo: 'TRANSACTION_PRORATED',
        ...(reference !== undefined && { couponCode: reference }),
      },
    ],
  }
}
