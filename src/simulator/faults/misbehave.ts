import type { Transaction } from '../../domain/transaction/transaction.ts'
import type { Dice } from '../retailer/dice.ts'
import type { FaultName, FaultRates } from './fault-list.ts'
import { breakAmounts, contradict, pickWrongClock, poison, withClock } from './spoil.ts'

/** One upload of a till: what it sends, and of what really happened. */
export interface TillUpload {
  /** As the till tells it. */
  transaction: Transaction
  /** As it was; its time is when the upload is due, whatever the till's clock says. */
  happened: Transaction
  kind: 'receipt' | 'again' | 'conflict' | 'unreadable'
}

/** Who writes down what was planted. `transactions` are as they happened. */
export interface FaultLog {
  plant(fault: FaultName, transactions: readonly Transaction[], detail?: Record<string, string | number>): void
  /** Never told, or not in a way that can be read. */
  withhold(transaction: Transaction): void
  /** Told in a way that a target must refuse. */
  poison(transaction: Transaction): void
}

export interface MisbehaveOptions {
  rates: FaultRates
  dice: Dice
  log?: FaultLog
  /** Needed where clocks may be wrong. */
  timeZone?: string
  /** What the till could not upload yet; a till that stays offline over night leaves it here for the next day. */
  backlog?: TillUpload[]
  /** Whether there is a next day for what is not uploaded today. */
  hasTomorrow?: boolean
}

const silent: FaultLog = { plant: () => {}, withhold: () => {}, poison: () => {} }

/** The uploads of a till's day, with what goes wrong now and then: doubled, swapped, contradicted, broken, forgotten, late. */
export function* misbehave(transactions: Iterable<Transaction>, options: MisbehaveOptions): Generator<TillUpload> {
  const { backlog = [] } = options
  let fromYesterday = backlog.splice(0)
  const told = goOffline(onWrongClock(transactions, options), options)
  for (const upload of swap(spoil(told, options), options)) {
    if (upload.transaction.offline) {
      backlog.push(upload)
      continue
    }
    yield upload
    // Newest first, then what had to wait: as tills do that upload and clear their queue at the same time.
    yield* fromYesterday
    fromYesterday = []
    yield* backlog.splice(0)
  }
  yield* fromYesterday
  if (!options.hasTomorrow) yield* backlog.splice(0)
}

interface Told {
  transaction: Transaction
  happened: Transaction
}

function* onWrongClock(transactions: Iterable<Transaction>, options: MisbehaveOptions): Generator<Told> {
  const { rates, dice, log = silent, timeZone } = options
  let clock: ReturnType<typeof pickWrongClock> | undefined
  let tell = (transaction: Transaction) => transaction
  const concerned: Transaction[] = []
  const isWrong = dice.chance(rates['wrong-clock'])
  for (const happened of transactions) {
    if (isWrong && timeZone !== undefined) {
      if (!clock) {
        clock = pickWrongClock(dice, happened.businessDayDate)
        tell = withClock(clock, timeZone)
      }
      concerned.push(happened)
    }
    yield { transaction: tell(happened), happened }
  }
  if (clock) log.plant('wrong-clock', concerned, { clock: clock.how, shiftSeconds: clock.shiftMs / 1_000 })
}

/** The line is down for a stretch of receipts, or until the till is switched on on the next day. */
function* goOffline(
  told: Iterable<Told>,
  { rates, dice, log = silent, hasTomorrow }: MisbehaveOptions,
): Generator<Told> {
  const isDown = dice.chance(rates.offline)
  const from = dice.between(4, 30)
  const overNight = hasTomorrow === true && dice.chance(0.4)
  const until = overNight ? Number.POSITIVE_INFINITY : from + dice.between(5, 80)
  const concerned: Transaction[] = []
  let count = 0
  for (const one of told) {
    count += 1
    if (!isDown || count < from || count >= until) {
      yield one
      continue
    }
    concerned.push(one.happened)
    yield { ...one, transaction: { ...one.transaction, offline: true } }
  }
  // Down at closing time: nothing is uploaded before the till is switched on again.
  const uploaded = hasTomorrow && count < until ? 'next day' : 'same day'
  if (concerned.length > 0) log.plant('offline', concerned, { uploaded })
}

/** Only sales are lost or broken: opening and closing are kept whole, so that the day itself stays readable. */
function* spoil(told: Iterable<Told>, { rates, dice, log = silent }: MisbehaveOptions): Generator<TillUpload> {
  for (const { transaction, happened } of told) {
    if (!isOrdinarySale(happened)) {
      yield { transaction, happened, kind: 'receipt' }
      continue
    }
    let roll = dice.next()
    const falls = (rate: number) => {
      const hit = roll < rate
      roll -= rate
      return hit
    }
    if (falls(rates.lost)) {
      log.plant('lost', [happened])
      log.withhold(happened)
    } else if (falls(rates.unreadable)) {
      log.plant('unreadable', [happened])
      log.withhold(happened)
      yield { transaction, happened, kind: 'unreadable' }
    } else if (falls(rates.poison)) {
      const poisoned = poison(transaction, dice)
      log.plant('poison', [happened], { how: poisoned.how })
      log.poison(happened)
      yield { transaction: poisoned.transaction, happened, kind: 'receipt' }
    } else yield { transaction, happened, kind: 'receipt' }
  }
}

/** Swaps neighbours, then doubles and contradicts: what comes again comes after what it repeats. */
function* swap(uploads: Iterable<TillUpload>, { rates, dice, log = silent }: MisbehaveOptions): Generator<TillUpload> {
  let held: TillUpload | undefined
  for (const upload of uploads) {
    const ordinary = isOrdinarySale(upload.happened)
    if (!held && upload.kind === 'receipt' && ordinary && dice.chance(rates.reordered)) {
      held = upload
      continue
    }
    yield upload
    if (held) {
      log.plant('reordered', [held.happened])
      yield held
      held = undefined
    }
    if (upload.kind !== 'receipt') continue
    if (dice.chance(rates.doubled)) {
      log.plant('doubled', [upload.happened])
      yield { ...upload, kind: 'again' }
    }
    if (ordinary && dice.chance(rates.conflicting)) {
      log.plant('conflicting', [upload.happened])
      yield { ...upload, transaction: contradict(upload.transaction), kind: 'conflict' }
    }
  }
  // Nothing came after it, so it is in its place after all.
  if (held) yield held
}

function isOrdinarySale({ transactionType, trainingMode }: Transaction): boolean {
  return transactionType === 'SALE' && !trainingMode
}

/** The upload as Tillflow's own JSON. */
export function bodyOf({ transaction, kind }: TillUpload): string {
  return kind === 'unreadable' ? breakAmounts(transaction) : JSON.stringify(transaction)
}
