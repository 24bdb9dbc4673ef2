import type { Transaction, TransactionLink } from '../../domain/transaction/transaction.ts'
import type { Errand } from './agenda.ts'
import { fillBasket, sameAgain } from './basket.ts'
import type { GiftCard } from './gift-cards.ts'
import { loyaltyLine, pointsFor } from './loyalty.ts'
import { planGiftCardUse } from './plan-visits.ts'
import { sell } from './sell.ts'
import { linkPlace, paymentAt, ringUpAt, type Shift } from './shift.ts'

/** Something that was planned on an earlier day, or earlier today. */
export function* serveErrand(shift: Shift, errand: Errand): Generator<Transaction> {
  if (errand.kind === 'return') yield* takeBack(shift, errand)
  else yield* useGiftCard(shift, errand.card)
}

function* useGiftCard(shift: Shift, card: GiftCard): Generator<Transaction> {
  const { dice, rules, tally, writer } = shift
  if (dice.chance(0.15)) {
    const amountMinor = rules.noteMinor * BigInt(dice.between(1, 5))
    card.balanceMinor += amountMinor
    const receipt = ringUpAt(shift, [], { payment: paymentAt(shift), giftCards: [{ card, amountMinor }] })
    tally.add('GIFT_CARD_RELOAD', receipt)
    yield writer.write('GIFT_CARD_RELOAD', receipt.content)
  } else yield* sell(shift, fillBasket(shift), { giftCard: card })
  if (card.balanceMinor > 0n) planGiftCardUse(shift, card)
}

/** Takes goods back, with or without others in exchange, and with the points they earned. */
function* takeBack(shift: Shift, errand: Errand & { kind: 'return' }): Generator<Transaction> {
  const { tally, writer, plan, neighbourhood, rules } = shift
  const { sold, taken, exchange } = errand
  const type = exchange === 'none' ? 'RETURN' : 'EXCHANGE'
  const others = exchange === 'none' ? [] : exchange === 'even' ? taken.map(sameAgain) : fillBasket(shift, 5)
  const receipt = ringUpAt(shift, [...taken, ...others], { payment: paymentAt(shift, { refundAs: sold.paidAs }) })
  tally.add(type, receipt)
  if (type === 'RETURN') tally.counts.returns += 1
  const link: TransactionLink = {
    linkType: exchange === 'none' ? 'RETURN_OF' : 'EXCHANGE_OF',
    ...(sold.transactionKey !== undefined && { transactionKey: sold.transactionKey }),
    ...linkPlace(sold.businessUnitId, sold.workstationId, sold.series),
    sequenceNumber: sold.sequenceNumber,
    businessDayDate: sold.businessDayDate,
    reasonCode: 'UNSUITABLE',
  }
  const changes: Partial<Transaction> = { ...receipt.content, links: [link] }
  const account = errand.account === undefined ? undefined : neighbourhood.bookOf(plan)?.account(errand.account)
  if (account) {
    const takenMinor = taken.reduce((sum, line) => sum + line.netMinor, 0n)
    const points = pointsFor(takenMinor, rules.noteMinor)
    account.balance -= points
    changes.customerId = account.customerId
    changes.loyaltyAccountId = account.accountId
    if (points > 0)
      receipt.content.lines.push(loyaltyLine(account, receipt.content.lines.length + 1, { adjusted: -points }))
  }
  yield writer.write(type, changes)
}
