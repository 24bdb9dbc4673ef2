import type { AmountLine } from '../../../domain/transaction/line.ts'
import { isNegative, magnitude } from '../amounts.ts'
import { childOf } from '../element.ts'
import { type Codec, figure, reduction } from './codecs.ts'
import { leaf, objects, type Part, type Shape, type Values } from './shape.ts'
import { tenderTypeWord } from './standard-words.ts'
import { lineTaxShape } from './tax-shape.ts'
import { xmlText } from './xml-text.ts'

type AmountKind = AmountLine['lineType']

/** Names of lines that move money besides goods, taxes and tenders. */
export const amountLineNames: Readonly<Record<AmountKind, string>> = {
  DISCOUNT: 'Discount',
  ROUNDING: 'Rounding',
  GIFT_CARD: 'GiftCard',
  DEPOSIT: 'Deposit',
  FEE: 'Fee',
  DONATION: 'Donation',
  TIP: 'Tip',
  PAYMENT_ON_ACCOUNT: 'PaymentOnAccount',
  COUPON: 'Coupon',
}

/** What an amount belongs to has a name of its own in some kinds. */
const referenceNames: Partial<Record<AmountKind, string>> = {
  DISCOUNT: 'PromotionID',
  COUPON: 'CouponID',
  GIFT_CARD: 'CardNumber',
}

/** The amount in the line's own currency. */
function money(codec: Codec): Part {
  return {
    put({ amount: value, currency }, turned) {
      if (value === undefined) return ''
      const unit = currency === undefined ? '' : ` Currency="${xmlText(currency as string)}"`
      return `<Amount${unit}>${codec.encode(value, turned)}</Amount>`
    },
    take(element, values, turned) {
      const stated = childOf(element, 'Amount')
      if (stated) values.amount = codec.decode(stated.text, turned)
    },
  }
}

/** Of money that discounts and coupons take off, POSLog states the magnitude. */
function amountShape(kind: AmountKind, moneyPart: Part): Shape {
  return {
    attributes: kind === 'ROUNDING' ? [roundingDirection] : [],
    children: [
      leaf('description', 'Description'),
      moneyPart,
      leaf('reference', referenceNames[kind] ?? 'tillflow:Reference'),
      leaf('tenderType', 'tillflow:TenderType', tenderTypeWord),
      leaf('balanceAfter', 'tillflow:BalanceAfter', figure),
      objects('taxes', 'Tax', lineTaxShape),
    ],
  }
}

/** Cash rounding is a magnitude with a direction. */
const roundingDirection: Part = {
  put: ({ amount: signed }) => ` RoundingDirection="${isNegative(signed as string) ? 'Down' : 'Up'}"`,
  take: () => undefined,
}

const roundedAmount: Part = {
  put: (values: Values) => money(figure).put({ ...values, amount: magnitude(values.amount as string) }, false),
  take(element, values) {
    const stated = childOf(element, 'Amount')
    if (stated) values.amount = element.attributes?.RoundingDirection === 'Down' ? `-${stated.text}` : stated.text
  },
}

const moneyParts: Partial<Record<AmountKind, Part>> = {
  ROUNDING: roundedAmount,
  DISCOUNT: money(reduction),
  COUPON: money(reduction),
}

export const amountLineShapes: ReadonlyMap<string, { lineType: AmountKind; shape: Shape }> = new Map(
  (Object.keys(amountLineNames) as AmountKind[]).map((lineType) => [
    amountLineNames[lineType],
    { lineType, shape: amountShape(lineType, moneyParts[lineType] ?? money(figure)) },
  ]),
)

/** Points, and what a reward took off. */
export const loyaltyShape: Shape = {
  children: [
    leaf('programId', 'LoyaltyProgramID'),
    leaf('accountId', 'LoyaltyAccountID'),
    leaf('rewardId', 'PromotionID'),
    leaf('pointsEarned', 'PointsAwarded', figure),
    leaf('pointsRedeemed', 'PointsRedeemed', figure),
    money(reduction),
    leaf('pointsAdjusted', 'tillflow:PointsAdjusted', figure),
    leaf('balanceAfter', 'tillflow:BalanceAfter', figure),
  ],
}
