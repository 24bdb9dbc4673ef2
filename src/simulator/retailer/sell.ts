import type { Transaction, TransactionLink } from '../../domain/transaction/transaction.ts'
import { type BasketLine, netOf } from './basket.ts'
import type { GiftCard } from './gift-cards.ts'
import { type LoyaltyAccount, loyaltyLine, pointsFor, pointsPerReward } from './loyalty.ts'
import { planReturns } from './plan-visits.ts'
import { takeOff } from './promotions.ts'
import { opposite, type Receipt } from './receipt.ts'
import { linkPlace, paymentAt, ringUpAt, type Shift } from './shift.ts'

export interface SaleOptions {
  giftCard?: GiftCard
  links?: Transaction['links']
}

/** Sells a basket: points, payment, and what follows from it today or on a later day. */
export function* sell(shift: Shift, basket: BasketLine[], options: SaleOptions = {}): Generator<Transaction> {
  const { dice, tally, writer, neighbourhood, plan, rules } = shift
  const loyal = dice.chance(0.3)
    ? neighbourhood.bookOf(plan)?.meet(dice, shift.place, neighbourhood.dayNumber(shift.businessDayDate))
    : undefined
  const redeemed = loyal ? redeem(shift, basket, loyal.account) : 0
  const { giftCard, links } = options
  const payment = paymentAt(shift, { mayTip: true, ...(giftCard && { giftCard }) })
  const receipt = ringUpAt(shift, basket, { payment })
  tally.add('SALE', receipt)
  const changes: Partial<Transaction> = receipt.content
  if (links) changes.links = links
  // A void follows at once, so nobody comes back with the goods, and no balance has to be put right.
  const isVoided = !loyal && !giftCard && !links && dice.chance(0.012)
  const comesBack = !isVoided && dice.chance(0.09)
  if (loyal) {
    const { account } = loyal
    const earned = pointsFor(receipt.netMinor, rules.noteMinor)
    account.balance += earned
    if (!comesBack) account.spendable += earned
    changes.customerId = account.customerId
    changes.loyaltyAccountId = account.accountId
    if (earned > 0 || redeemed > 0)
      receipt.content.lines.push(loyaltyLine(account, receipt.content.lines.length + 1, { earned, redeemed }))
  }
  const sale = writer.write('SALE', changes)
  yield sale
  if (isVoided) yield* voidAfterwards(shift, sale, receipt)
  else if (comesBack) planReturns(shift, sale, basket, receipt, loyal?.index)
}

/** Rewards for points, at most half of the basket; returns the points. */
function redeem({ dice, rules }: Shift, basket: readonly BasketLine[], account: LoyaltyAccount): number {
  if (account.spendable < pointsPerReward || !dice.chance(0.4)) return 0
  const rewardMinor = rules.noteMinor / 2n
  const affordable = Number(netOf(basket) / 2n / rewardMinor)
  const rewards = Math.min(Math.floor(account.spendable / pointsPerReward), affordable)
  if (rewards === 0) return 0
  takeOff(basket, rewardMinor * BigInt(rewards), { method: 'LOYALTY', appliedTo: 'TRANSACTION_PRORATED' })
  const points = rewards * pointsPerReward
  account.balance -= points
  account.spendable -= points
  return points
}

/** Voids the receipt that was just printed, with everything on it turned round. */
function* voidAfterwards(shift: Shift, sale: Transaction, receipt: Receipt): Generator<Transaction> {
  const { tally, writer, plan, workstationId, businessDayDate, books } = shift
  const turned = opposite(receipt)
  tally.add('POST_VOID', turned)
  tally.counts.voids += 1
  const link: TransactionLink = {
    linkType: 'POST_VOID_OF',
    ...linkPlace(plan.profile.businessUnitId, workstationId, books.series),
    sequenceNumber: sale.sequenceNumber ?? 0,
    businessDayDate,
    reasonCode: 'CUSTOMER_LEFT',
  }
  yield writer.write('POST_VOID', { ...turned.content, links: [link] })
}
