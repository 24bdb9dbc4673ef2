import { createHmac, type KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import * as sql from './tries-queries.ts'

/** How often somebody may be wrong. */
export interface TryLimit {
  /** In a row, with less than `forgottenMs` between them. */
  failuresMax: number
  /** From the last of them on; twice as long with each one more, up to `lockMaxMs`. */
  lockMs: number
  lockMaxMs: number
  forgottenMs: number
}

/** A try that is under way. It counts as wrong until somebody says that it was right. */
export type Try = { isAllowed: true; isLast: boolean } | { isAllowed: false; waitMs: number }

const minuteMs = 60_000

/** Of one account, by all addresses together from which nobody signed in to it lately: a password of twelve characters stands some hundred guesses a day for ever. */
export const accountLimit: TryLimit = {
  ...{ failuresMax: 5, forgottenMs: 60 * minuteMs },
  ...{ lockMs: minuteMs, lockMaxMs: 15 * minuteMs },
}

/** Of one address, by whatever names: behind it may be a whole office. */
export const addressLimit: TryLimit = {
  ...{ failuresMax: 50, forgottenMs: 15 * minuteMs },
  ...{ lockMs: 5 * minuteMs, lockMaxMs: 15 * minuteMs },
}

/** Of one person at the codes that tills show: there are 25 thousand million of them, and few are open. */
export const deviceCodeLimit: TryLimit = {
  ...{ failuresMax: 5, forgottenMs: 15 * minuteMs },
  ...{ lockMs: 15 * minuteMs, lockMaxMs: 15 * minuteMs },
}

/** Of one address at codes for tills: so many may wait behind it. What is approved does not count. */
export const deviceRequestLimit: TryLimit = {
  ...{ failuresMax: 30, forgottenMs: 10 * minuteMs },
  ...{ lockMs: 5 * minuteMs, lockMaxMs: 5 * minuteMs },
}

export function deviceRequestsOf(address: string): string {
  return `device-request:${address}`
}

/** Whose tries are counted, as `account:<name>`; kept as a keyed hash. */
export interface Tries {
  /** Counts a try before it is looked at, so that many at the same moment are not more than one after the other. */
  take(subject: string, limit: TryLimit): Promise<Try>
  /** The try was right: those before do not count any more. */
  forget(subject: string): Promise<void>
  /** The try was right: those before still count. */
  giveBack(subject: string): Promise<void>
}

/** Tries of an installation, shared by its processes. */
export function createTries(db: Pool, identityKey: KeyObject): Tries {
  const key = deriveKey(identityKey, 'identity tries')
  const hash = (subject: string) => createHmac('sha256', key).update(subject).digest()
  return {
    take: async (subject, limit) => {
      const failures = await sql.countTry(db, hash(subject), limit)
      if (failures !== undefined) return { isAllowed: true, isLast: failures >= limit.failuresMax }
      return { isAllowed: false, waitMs: await sql.readWaitMs(db, hash(subject)) }
    },
    forget: (subject) => sql.deleteTries(db, hash(subject)),
    giveBack: (subject) => sql.giveTryBack(db, hash(subject), 1),
  }
}

/** Deletes what nobody counts any more; resolves with how many rows went. */
export async function pruneTries(db: Pool, rowsMax: number): Promise<number> {
  const limits = [accountLimit, addressLimit, deviceCodeLimit, deviceRequestLimit]
  return sql.deleteOldTries(db, Math.max(...limits.map(longestMs)), rowsMax)
}

function longestMs({ forgottenMs, lockMaxMs }: TryLimit): number {
  return Math.max(forgottenMs, lockMaxMs)
}
