import { createHmac, type KeyObject, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import type { Grant } from '../domain/grant.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { createNameKeeper, readAccountName } from './account-name.ts'
import * as sql from './local-account-queries.ts'
import { hashPassword } from './password.ts'
import { checkPassword } from './password-rules.ts'
import { endSessionsWithin } from './sessions.ts'

/** Somebody who signs in with a name and a password of this hub. */
export interface LocalAccount {
  accountId: string
  name: string
  grants: Grant[]
  createdAt: Date
  /** Absent: none was chosen yet. */
  passwordSetAt?: Date
  /** Absent: there is no invitation, or it has ended. */
  invitedUntil?: Date
  disabledAt?: Date
}

/** One of all accounts. */
export interface ListedAccount extends Omit<LocalAccount, 'name'> {
  /** Absent: it was disabled long ago, and forgotten. */
  name?: string
}

/** Who acts, and why. */
export interface AccountAct {
  actor: string
  reason?: string
}

/** Without the letters and digits that people take for one another: 80 bits, which nobody tries out. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 16
export const accountInvitationLifeMs = 86_400_000
const listMax = 10_000
const grantsMax = 50
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Adds somebody, who has no password yet. Throws Problem `person-exists`, `request-invalid`. */
export async function addLocalAccount(
  db: Pool,
  identityKey: KeyObject,
  { grants, actor, ...typed }: AccountAct & { name: string; grants: readonly Grant[] },
): Promise<LocalAccount> {
  const name = readAccountName(typed.name)
  checkGrants(grants)
  const accountId = randomUUID()
  const names = createNameKeeper(identityKey)
  await withTransaction(db, async (client) => {
    const account = { accountId, nameHash: names.hash(name), sealedName: names.seal(name, accountId), grants }
    if (!(await sql.insertAccount(client, account))) throw new Problem('person-exists')
    await recordAct(client, {
      ...by({ actor, ...typed }),
      act: 'account.add',
      object: objectOf(accountId),
      after: { grants },
    })
  })
  return findLocalAccount(db, identityKey, name)
}

/** Throws Problem `unknown-person`. */
export async function findLocalAccount(db: Pool, identityKey: KeyObject, name: string): Promise<LocalAccount> {
  const row = await sql.findAccountByName(db, createNameKeeper(identityKey).hash(name))
  const account = row && namedOf(row, identityKey)
  if (!account) throw new Problem('unknown-person')
  return account
}

/**
 * The account of somebody who showed its password at this time; undefined: it was disabled, or the password set since: they may be one who
 * knew the old one.
 */
export async function readSignedInAccount(
  db: Pool,
  identityKey: KeyObject,
  { accountId, signedInAtSeconds }: { accountId: string; signedInAtSeconds: number },
): Promise<LocalAccount | undefined> {
  const row = uuid.test(accountId) ? await sql.findAccountById(db, accountId) : undefined
  const isStillGood = row?.disabled_at === null && Number(row.password_set_seconds) < signedInAtSeconds
  return isStillGood ? namedOf(row, identityKey) : undefined
}

/** Oldest first, the disabled ones too. */
export async function listLocalAccounts(db: Pool, identityKey: KeyObject): Promise<ListedAccount[]> {
  return (await sql.selectAccounts(db, listMax)).map((row) => accountOf(row, identityKey))
}

/** Replaces what somebody may do, and ends their sessions: they sign in again. Throws Problem `unknown-person`, `request-invalid`. */
export async function setGrants(
  db: Pool,
  identityKey: KeyObject,
  { name, grants, ...act }: AccountAct & { name: string; grants: readonly Grant[] },
): Promise<LocalAccount> {
  checkGrants(grants)
  const account = await findUsable(db, identityKey, name)
  await withTransaction(db, async (client) => {
    await sql.updateGrants(client, account.accountId, grants)
    const change = { before: { grants: account.grants }, after: { grants } }
    await recordAct(client, { ...by(act), act: 'account.grant', object: objectOf(account.accountId), ...change })
    await endSessionsOf(client, account.accountId, act)
  })
  return { ...account, grants: [...grants] }
}

/** Makes the one-time code by which somebody chooses a password. Its text is returned here and never again. */
export async function inviteToPassword(
  db: Pool,
  identityKey: KeyObject,
  { name, ...act }: AccountAct & { name: string },
): Promise<{ code: string; endsAt: Date }> {
  const { accountId } = await findUsable(db, identityKey, name)
  const code = Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join('')
  const endsAt = await withTransaction(db, async (client) => {
    const invitation = { hash: hashCode(identityKey, accountId, code), lifeMs: accountInvitationLifeMs }
    const ends = await sql.updateInvitation(client, accountId, invitation)
    await recordAct(client, { ...by(act), act: 'account.invite', object: objectOf(accountId) })
    return ends
  })
  return { code: code.replace(/(.{4})(?=.)/g, '$1-'), endsAt }
}

/** Sets a password for somebody, and ends their sessions. Throws Problem `unknown-person`, `password-unfit`. */
export async function setPassword(
  db: Pool,
  identityKey: KeyObject,
  { name, password, ...act }: AccountAct & { name: string; password: string },
): Promise<void> {
  const { accountId } = await findUsable(db, identityKey, name)
  checkPassword(password, name)
  const passwordHash = await hashPassword(identityKey, password)
  await withTransaction(db, async (client) => {
    await sql.lockAccount(client, accountId)
    await sql.updatePassword(client, { accountId, passwordHash })
    await recordAct(client, { ...by(act), act: 'account.set-password', object: objectOf(accountId) })
    await endSessionsOf(client, accountId, act)
  })
}

/** Somebody chooses a password by the code that they were given. Throws Problem `invitation-invalid`, `password-unfit`. */
export async function choosePassword(
  db: Pool,
  identityKey: KeyObject,
  { name, code, password }: { name: string; code: string; password: string },
): Promise<void> {
  const row = await sql.findAccountByName(db, createNameKeeper(identityKey).hash(name))
  const accountId = row?.account_id ?? ''
  const given = hashCode(identityKey, accountId, code)
  const kept = row?.invitation_hash
  if (!row || !kept || row.disabled_at || row.invitation_is_over || !timingSafeEqual(kept, given))
    throw new Problem('invitation-invalid')
  checkPassword(password, name)
  const passwordHash = await hashPassword(identityKey, password)
  const act = { actor: objectOf(accountId) }
  await withTransaction(db, async (client) => {
    await sql.lockAccount(client, accountId)
    if (!(await sql.updatePassword(client, { accountId, passwordHash, invitationHash: given })))
      throw new Problem('invitation-invalid')
    await recordAct(client, { ...act, act: 'account.set-password', object: objectOf(accountId) })
    await endSessionsOf(client, accountId, act)
  })
}

/** Somebody does not sign in any more, and their sessions end. Throws Problem `unknown-person`, also where they were disabled before. */
export async function disableLocalAccount(
  db: Pool,
  identityKey: KeyObject,
  { name, ...act }: AccountAct & { name: string },
): Promise<LocalAccount> {
  const account = await findUsable(db, identityKey, name)
  await withTransaction(db, async (client) => {
    if (!(await sql.disableAccount(client, account.accountId))) throw new Problem('unknown-person')
    await recordAct(client, { ...by(act), act: 'account.disable', object: objectOf(account.accountId) })
    await endSessionsOf(client, account.accountId, act)
  })
  return account
}

/** What they may do is not what it was when they signed in. */
async function endSessionsOf(client: ClientBase, accountId: string, act: AccountAct): Promise<void> {
  await endSessionsWithin(client, { accountId }, { ...by(act), act: 'session.end' })
}

async function findUsable(db: Pool, identityKey: KeyObject, name: string): Promise<LocalAccount> {
  const account = await findLocalAccount(db, identityKey, name)
  if (account.disabledAt) throw new Problem('unknown-person', 'This person was disabled.')
  return account
}

function namedOf(row: sql.AccountRow, identityKey: KeyObject): LocalAccount | undefined {
  const { name, ...account } = accountOf(row, identityKey)
  return name === undefined ? undefined : { ...account, name }
}

function accountOf(row: sql.AccountRow, identityKey: KeyObject): ListedAccount {
  const { account_id: accountId, sealed_name: sealedName } = row
  const isInvited = row.invitation_ends_at !== null && !row.invitation_is_over
  return {
    accountId,
    ...(sealedName && { name: createNameKeeper(identityKey).open(sealedName, accountId) }),
    grants: row.grants as Grant[],
    createdAt: row.created_at,
    ...(row.password_set_at && { passwordSetAt: row.password_set_at }),
    ...(isInvited && row.invitation_ends_at && { invitedUntil: row.invitation_ends_at }),
    ...(row.disabled_at && { disabledAt: row.disabled_at }),
  }
}

function checkGrants(grants: readonly Grant[]): void {
  if (grants.length === 0 || grants.length > grantsMax)
    throw new Problem('request-invalid', `Somebody has 1 to ${grantsMax} roles.`)
}

const objectOf = (accountId: string) => `account:${accountId}`

function by({ actor, reason }: AccountAct): AccountAct {
  return { actor, ...(reason !== undefined && { reason }) }
}

/** Of what somebody types: without hyphens and blanks, and with the letters meant that look like a digit. */
function hashCode(identityKey: KeyObject, accountId: string, typed: string): Buffer {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return createHmac('sha256', deriveKey(identityKey, 'local account invitations'))
    .update(`${accountId}\0${code}`)
    .digest()
}
