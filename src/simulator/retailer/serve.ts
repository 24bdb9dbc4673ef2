import type { Transaction, TransactionLink } from '../../domain/transaction/transaction.ts'
import { fillBasket } from './basket.ts'
import { issueGiftCard } from './gift-cards.ts'
import { planGiftCardUse } from './plan-visits.ts'
import type { Receipt } from './receipt.ts'
import { sell } from './sell.ts'
import { changeOperator, fetchCash, payInOrOut } from './sessions.ts'
import { linkPlace, paymentAt, ringUpAt, type Shift } from './shift.ts'

/** What happens when the next person comes to the till: mostly a sale. */
export function* serveShopper(shift: Shift): Generator<Transaction> {
  const { dice, writer, tally, hasDrawer } = shift
  const roll = dice.next()
  if (roll < 0.01) yield writer.write('SUSPENDED', { ...suspend(shift), status: 'SUSPENDED' })
  else if (roll < 0.02) yield writer.write('CANCELLED', { ...unpaid(shift).content, status: 'CANCELLED' })
  else if (!hasDrawer || roll > 0.06) yield* sellOrResume(shift)
  else if (roll < 0.035) {
    tally.counts.noSales += 1
    yield writer.write('NO_SALE')
  } else if (roll < 0.04) yield writer.write('SALE', { ...unpaid(shift).content, trainingMode: true })
  else if (roll < 0.046) yield* payInOrOut(shift)
  else if (roll < 0.05) yield* changeOperator(shift)
  else yield* sellGiftCard(shift)
  if (hasDrawer) yield* fetchCash(shift)
}

/** A basket that is rung up and not paid. */
function unpaid(shift: Shift): Receipt {
  return ringUpAt(shift, fillBasket(shift), {})
}

function suspend(shift: Shift): Partial<Transaction> {
  const basket = fillBasket(shift)
  // One that is already waiting is never fetched: its owner went home.
  shift.suspended = { sequenceNumber: shift.books.nextSequence, basket }
  return ringUpAt(shift, basket, {}).content
}

function* sellOrResume(shift: Shift): Generator<Transaction> {
  const { suspended, dice } = shift
  if (!suspended || !dice.chance(0.3)) return yield* sell(shift, fillBasket(shift))
  shift.suspended = undefined
  const { businessDayDate, workstationId, plan } = shift
  const link: TransactionLink = {
    linkType: 'RESUMES',
    ...linkPlace(plan.profile.businessUnitId, workstationId, shift.books.series),
    sequenceNumber: suspended.sequenceNumber,
    businessDayDate,
  }
  yield* sell(shift, suspended.basket, { links: [link] })
}

function* sellGiftCard(shift: Shift): Generator<Transaction> {
  const { dice, rules, books, tally, writer, plan, workstationId } = shift
  const amountMinor = rules.noteMinor * BigInt(dice.between(1, 10))
  const origin = `${plan.profile.businessUnitId}.${workstationId}.${shift.businessDayDate}.${books.nextSequence}`
  const card = issueGiftCard(origin, amountMinor)
  const receipt = ringUpAt(shift, [], { payment: paymentAt(shift), giftCards: [{ card, amountMinor }] })
  tally.add('GIFT_CARD_ISSUE', receipt)
  yield writer.write('GIFT_CARD_ISSUE', receipt.content)
  planGiftCardUse(shift, card)
}
