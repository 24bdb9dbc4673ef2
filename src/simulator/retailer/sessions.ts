import type { Transaction } from '../../domain/transaction/transaction.ts'
import type { Shift } from './shift.ts'

/** Notes in the drawer in the morning. */
const floatNotes = 10n
/** More than this and somebody from the office comes to fetch. */
const fullNotes = 100n

/** From the switch to the first shopper. The first till of a store opens its business day. */
export function* openTill(shift: Shift): Generator<Transaction> {
  const { writer, place, hasDrawer, rules, amounts, tally } = shift
  if (place === 0) yield writer.write('BUSINESS_DAY_OPEN')
  yield writer.write('WORKSTATION_OPEN')
  if (!hasDrawer) return
  yield* signOn(shift)
  tally.floatMinor = floatNotes * rules.noteMinor
  yield writer.write('TENDER_LOAN', { cashMovement: { amount: amounts.text(tally.floatMinor) } })
}

/** Another operator takes over. */
export function* changeOperator(shift: Shift): Generator<Transaction> {
  yield shift.writer.write('OPERATOR_SIGN_OFF')
  yield* signOn(shift)
}

function* signOn({ writer, dice }: Shift): Generator<Transaction> {
  writer.operatorId = `op${dice.between(1, 9)}`
  yield writer.write('OPERATOR_SIGN_ON')
}

/** A drawer that is full is emptied to the float; and at the end whatever is beyond it. */
export function* fetchCash(shift: Shift, fromNotes = fullNotes): Generator<Transaction> {
  const { tally, rules, amounts, writer } = shift
  if (tally.drawerMinor <= fromNotes * rules.noteMinor) return
  const minor = tally.drawerMinor - floatNotes * rules.noteMinor
  tally.pickupsMinor += minor
  yield writer.write('TENDER_PICKUP', { cashMovement: { amount: amounts.text(-minor) } })
}

/** Small money for the window cleaner, or change from the office. */
export function* payInOrOut(shift: Shift): Generator<Transaction> {
  const { tally, rules, amounts, writer, dice } = shift
  const minor = rules.noteMinor / 2n
  if (dice.chance(0.3) || tally.drawerMinor < minor) {
    tally.paidInMinor += minor
    yield writer.write('PAID_IN', { cashMovement: { amount: amounts.text(minor), reasonCode: 'CHANGE_MONEY' } })
  } else {
    tally.paidOutMinor += minor
    yield writer.write('PAID_OUT', { cashMovement: { amount: amounts.text(-minor), reasonCode: 'WINDOW_CLEANING' } })
  }
}

/** Count, Z report, end. The report covers all numbers of the day before its own. */
export function* closeTill(shift: Shift, openedAt: string, firstSequence: number): Generator<Transaction> {
  const { writer, tally, books, dice, amounts, place, hasDrawer } = shift
  let overMinor: bigint | undefined
  if (hasDrawer) {
    yield* fetchCash(shift, floatNotes)
    overMinor = dice.chance(0.15) ? amounts.coinMinor * BigInt(dice.between(-60, 40)) : 0n
    const tillSession = tally.session(openedAt, writer.now, overMinor)
    yield writer.write('TILL_SETTLE', { tillSession })
    yield writer.write('OPERATOR_SIGN_OFF')
    writer.operatorId = undefined
  }
  yield writer.write('WORKSTATION_CLOSE')
  yield writer.write('Z_REPORT', {
    zReport: tally.report(books, firstSequence, books.nextSequence - 1, overMinor),
  })
  if (place === 0) yield writer.write('BUSINESS_DAY_CLOSE')
}
