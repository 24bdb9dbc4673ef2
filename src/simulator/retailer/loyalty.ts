import type { LoyaltyLine } from '../../domain/transaction/line.ts'
import type { Dice } from './dice.ts'

/** What a shopper has collected. */
export interface LoyaltyAccount {
  customerId: string
  accountId: string
  balance: number
  /** Points that no return can take away any more; only these are spent, so no reversal finds too few. */
  spendable: number
}

const programId = 'POINTS'
/** So many points are one reward. */
export const pointsPerReward = 100
const accountsPerTill = 250

/**
 * The loyalty accounts of one store. On a day an account goes to one till only, and to another one on the next day: tills that sell
 * at the same time never count on the same balance, and the order in which they run does not matter.
 */
export class LoyaltyBook {
  readonly #businessUnitId: string
  readonly #tills: number
  readonly #accounts = new Map<number, LoyaltyAccount>()

  constructor(businessUnitId: string, tills: number) {
    this.#businessUnitId = businessUnitId
    this.#tills = Math.max(1, tills)
  }

  /** Somebody who comes to this till today. */
  meet(dice: Dice, till: number, day: number): { index: number; account: LoyaltyAccount } {
    const index = this.#tills * dice.between(0, accountsPerTill - 1) + ((till + day) % this.#tills)
    return { index, account: this.account(index) }
  }

  account(index: number): LoyaltyAccount {
    let account = this.#accounts.get(index)
    if (!account) {
      const name = `${this.#businessUnitId}-${String(index + 1).padStart(5, '0')}`
      account = { customerId: `C${name}`, accountId: `L${name}`, balance: 0, spendable: 0 }
      this.#accounts.set(index, account)
    }
    return account
  }

  /** The till that an account goes to on a day. */
  tillOn(index: number, day: number): number {
    return (((index - day) % this.#tills) + this.#tills) % this.#tills
  }
}

export function loyaltyLine(
  account: LoyaltyAccount,
  lineNumber: number,
  points: { earned?: number; redeemed?: number; adjusted?: number },
): LoyaltyLine {
  const { earned = 0, redeemed = 0, adjusted = 0 } = points
  return {
    lineNumber,
    lineType: 'LOYALTY',
    programId,
    accountId: account.accountId,
    ...(earned !== 0 && { pointsEarned: String(earned) }),
    ...(redeemed !== 0 && { pointsRedeemed: String(redeemed), rewardId: 'REWARD-100' }),
    ...(adjusted !== 0 && { pointsAdjusted: String(adjusted) }),
    balanceAfter: String(account.balance),
  }
}

/** A point for every tenth of the usual note. */
export function pointsFor(netMinor: bigint, noteMinor: bigint): number {
  const magnitude = netMinor < 0n ? -netMinor : netMinor
  return Number(magnitude / (noteMinor / 10n))
}
