import type { Transaction } from '../../domain/transaction/transaction.ts'
import { serveErrand } from './errands.ts'
import { serveShopper } from './serve.ts'
import { closeTill, openTill } from './sessions.ts'
import { type Shift, startShift, type TillDayOptions } from './shift.ts'
import { arrivals, tradingDayOf } from './till-clock.ts'

/** One till from opening to Z report: contiguous numbers, every kind of transaction, figures that agree with each other. */
export function* simulateTillDay(options: TillDayOptions): Generator<Transaction> {
  const { plan, businessDayDate, receiptsCount } = options
  const trading = tradingDayOf(plan, businessDayDate)
  const shift = startShift(options, trading)
  const firstSequence = shift.books.nextSequence
  const openedAt = shift.writer.now
  yield* openTill(shift)
  const arrivalAt = arrivals(trading)
  for (let count = 0; count < receiptsCount; count += 1) {
    shift.at = (count + shift.dice.next()) / receiptsCount
    yield* runErrands(shift, shift.at)
    shift.writer.waitUntil(arrivalAt(shift.at))
    yield* serveShopper(shift)
  }
  yield* runErrands(shift, 1)
  shift.writer.waitUntil(trading.closesAtMs)
  yield* closeTill(shift, openedAt, firstSequence)
}

function* runErrands(shift: Shift, until: number): Generator<Transaction> {
  for (let next = shift.errands[0]; next && next.at <= until; next = shift.errands[0]) {
    shift.errands.shift()
    yield* serveErrand(shift, next)
  }
}
