import { transactionKey } from '../../domain/identity.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { compareErrands, type Errand, type SoldReceipt } from './agenda.ts'
import { type BasketLine, takeBackPart } from './basket.ts'
import type { Dice } from './dice.ts'
import type { GiftCard } from './gift-cards.ts'
import type { Receipt } from './receipt.ts'
import type { Shift } from './shift.ts'

/** Decides while something is sold what of it comes back, when and where: so no two tills can take back the same piece. */
export function planReturns(
  shift: Shift,
  sale: Transaction,
  basket: readonly BasketLine[],
  receipt: Receipt,
  account: number | undefined,
): void {
  const { dice } = shift
  const sold: SoldReceipt = {
    transactionKey: transactionKey(sale, shift.plan.profile),
    businessUnitId: sale.businessUnitId,
    workstationId: shift.workstationId,
    series: sale.series,
    sequenceNumber: sale.sequenceNumber ?? 0,
    businessDayDate: sale.businessDayDate,
    paidAs: receipt.tenders.at(-1)?.tenderType ?? 'CASH',
  }
  const origin = `${sold.businessUnitId}/${sold.workstationId}/${sold.businessDayDate}/${sold.series ?? '-'}/${String(sold.sequenceNumber).padStart(9, '0')}`
  for (const taken of partsOf(basket, dice)) {
    const roll = dice.next()
    const exchange = roll < 0.7 ? 'none' : roll < 0.82 ? 'even' : 'uneven'
    const errand = { kind: 'return', at: dice.next(), origin, sold, taken, exchange, account } as const
    planVisit(shift, errand, account)
  }
}

/** The card is used again at some till of the country; a card without a next visit stays in its drawer at home. */
export function planGiftCardUse(shift: Shift, card: GiftCard): void {
  const errand = { kind: 'gift-card', at: shift.dice.next(), origin: card.reference, card } as const
  const visit = shift.neighbourhood.laterVisit(shift.plan, shift.businessDayDate, shift.dice)
  if (visit)
    shift.neighbourhood.agenda.add(
      visit.plan.profile.businessUnitId,
      visit.workstationId,
      visit.businessDayDate,
      errand,
    )
}

function planVisit(shift: Shift, errand: Errand & { kind: 'return' }, account: number | undefined): void {
  const { dice, neighbourhood, plan, businessDayDate, hasDrawer } = shift
  if (hasDrawer && dice.chance(0.35)) {
    // To the same till: another one may be past it already.
    shift.errands.push({ ...errand, at: shift.at + (1 - shift.at) * errand.at })
    shift.errands.sort(compareErrands)
    return
  }
  const visit =
    account === undefined
      ? neighbourhood.laterVisit(plan, businessDayDate, dice)
      : neighbourhood.laterVisitOf(account, plan, businessDayDate, dice)
  if (visit)
    neighbourhood.agenda.add(visit.plan.profile.businessUnitId, visit.workstationId, visit.businessDayDate, errand)
}

/** What comes back, on one visit or on two; a line that was sold in pieces may come back in parts. */
function partsOf(basket: readonly BasketLine[], dice: Dice): BasketLine[][] {
  const candidates = basket.map((line, index) => ({ line, number: index + 1 })).filter(({ line }) => !line.voided)
  const from = dice.between(0, Math.max(0, candidates.length - 1))
  const first: BasketLine[] = []
  const second: BasketLine[] = []
  for (const { line, number } of candidates.slice(from, from + dice.longTail(0.6, 10))) {
    const pieces = line.item.soldBy === 'weight' ? 1n : line.quantityMilli / 1_000n
    if (pieces === 1n) first.push(takeBackPart(line, number, 0n, line.quantityMilli))
    else {
      const part = BigInt(dice.between(1, Number(pieces))) * 1_000n
      first.push(takeBackPart(line, number, 0n, part))
      const rest = line.quantityMilli - part
      if (rest > 0n && dice.chance(0.4)) second.push(takeBackPart(line, number, part, rest))
    }
  }
  return [first, second].filter((taken) => taken.length > 0)
}
