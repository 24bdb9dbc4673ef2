import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { createNameKeeper } from './account-name.ts'
import { confirmPassword, findAccountByName } from './local-account-queries.ts'
import { isPassword } from './password.ts'
import { createProviderStore } from './provider-store.ts'
import { accountLimit, addressLimit, createTries } from './tries.ts'

/** So long an address is known from which somebody signed in. */
const knownAddressSeconds = 30 * 24 * 60 * 60

/** What became of a name and a password. */
export type LocalSignIn =
  | { outcome: 'signed-in'; accountId: string; signedInAtSeconds: number }
  /** The name, the password, or both: nobody learns which. */
  | { outcome: 'wrong' }
  /** Too many were wrong: of this name, whether it is there or not, or of this address. */
  | { outcome: 'wait'; waitMs: number }

/**
 * Looks whether somebody is who they say. Throws Problem `temporary-reduced-capacity` where too many passwords are looked at already. Names that nobody has are treated as those that somebody has, in the answer, in the time that it
 * takes, and in when they are locked.
 */
export async function signInLocally(
  db: Pool,
  identityKey: KeyObject,
  { name, password, address }: { name: string; password: string; address: string },
): Promise<LocalSignIn> {
  const tries = createTries(db, identityKey)
  const nameHash = createNameKeeper(identityKey).hash(name)
  const account = `account:${nameHash.toString('hex')}`
  const placed = `${account}@${address}`
  const addresses = createProviderStore(db, identityKey, 'KnownAddress')
  // Tries of its own, so that whoever guesses from elsewhere does not keep the owner out.
  const isKnown = (await addresses.find(placed)) !== undefined
  const subjects = { address: `address:${address}`, account: isKnown ? placed : account }
  const byAddress = await tries.take(subjects.address, addressLimit)
  if (!byAddress.isAllowed) return { outcome: 'wait', waitMs: byAddress.waitMs }
  const byAccount = await tries.take(subjects.account, accountLimit)
  if (!byAccount.isAllowed) return { outcome: 'wait', waitMs: byAccount.waitMs }

  const found = await findAccountByName(db, nameHash)
  const kept = found?.disabled_at === null ? (found.password_hash ?? undefined) : undefined
  const isRight = await isPassword(identityKey, password, kept).catch(async (error: unknown) => {
    // Nobody has looked at it, so it is no wrong one.
    await Promise.all([tries.giveBack(subjects.account), tries.giveBack(subjects.address)])
    throw error
  })
  // Looked at again: to stretch a password takes a while, and it may have been changed because somebody else knows it.
  const signedInAtSeconds =
    found && isRight && kept !== undefined ? await confirmPassword(db, found.account_id, kept) : undefined
  if (found && signedInAtSeconds !== undefined) {
    await Promise.all([
      tries.forget(subjects.account),
      tries.giveBack(subjects.address),
      addresses.put(placed, {}, knownAddressSeconds),
    ])
    return { outcome: 'signed-in', accountId: found.account_id, signedInAtSeconds }
  }
  if (found && byAccount.isLast)
    await recordAct(db, { actor: 'sign-in', act: 'account.lock', object: `account:${found.account_id}` })
  return { outcome: 'wrong' }
}
