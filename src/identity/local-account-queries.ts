import type { Queryable } from './queries.ts'

export interface AccountRow {
  account_id: string
  /** Null: it was forgotten. */
  sealed_name: Buffer | null
  grants: object[]
  password_hash: string | null
  password_set_at: Date | null
  /** The same in seconds of the epoch, to the microsecond. */
  password_set_seconds: number | null
  invitation_hash: Buffer | null
  invitation_ends_at: Date | null
  /** Whether the invitation has ended, by the clock of the database. */
  invitation_is_over: boolean
  created_at: Date
  disabled_at: Date | null
}

const columns = `account_id, sealed_name, grants, password_hash, password_set_at, invitation_hash, invitation_ends_at,
  extract(epoch from password_set_at)::float8 as password_set_seconds,
  coalesce(invitation_ends_at <= clock_timestamp(), true) as invitation_is_over, created_at, disabled_at`

/** False: the name is taken. */
export async function insertAccount(
  db: Queryable,
  account: { accountId: string; nameHash: Buffer; sealedName: Buffer; grants: readonly object[] },
): Promise<boolean> {
  const { accountId, nameHash, sealedName, grants } = account
  const { rowCount } = await db.query(
    `insert into identity_local_accounts (account_id, name_hash, sealed_name, grants) values ($1, $2, $3, $4)
     on conflict (name_hash) do nothing`,
    [accountId, nameHash, sealedName, JSON.stringify(grants)],
  )
  return rowCount === 1
}

export async function findAccountByName(db: Queryable, nameHash: Buffer): Promise<AccountRow | undefined> {
  const text = `select ${columns} from identity_local_accounts where name_hash = $1`
  return (await db.query<AccountRow>(text, [nameHash])).rows[0]
}

export async function findAccountById(db: Queryable, accountId: string): Promise<AccountRow | undefined> {
  const text = `select ${columns} from identity_local_accounts where account_id = $1`
  return (await db.query<AccountRow>(text, [accountId])).rows[0]
}

export async function selectAccounts(db: Queryable, limit: number): Promise<AccountRow[]> {
  const text = `select ${columns} from identity_local_accounts order by created_at limit $1`
  return (await db.query<AccountRow>(text, [limit])).rows
}

export async function updateGrants(db: Queryable, accountId: string, grants: readonly object[]): Promise<void> {
  await db.query('update identity_local_accounts set grants = $2 where account_id = $1', [
    accountId,
    JSON.stringify(grants),
  ])
}

/** A new invitation takes the place of the one before; the password stays good until it is used. */
export async function updateInvitation(
  db: Queryable,
  accountId: string,
  { hash, lifeMs }: { hash: Buffer; lifeMs: number },
): Promise<Date> {
  const { rows } = await db.query<{ ends_at: Date }>(
    `update identity_local_accounts
     set invitation_hash = $2, invitation_ends_at = clock_timestamp() + $3 * interval '1 ms'
     where account_id = $1 returning invitation_ends_at as ends_at`,
    [accountId, hash, lifeMs],
  )
  return rows[0]?.ends_at ?? new Date(0)
}

/** Holds an account until the transaction ends: what is timed after it comes after every sign-in that was confirmed before. */
export async function lockAccount(db: Queryable, accountId: string): Promise<void> {
  await db.query('select 1 from identity_local_accounts where account_id = $1 for update', [accountId])
}

/**
 * The time in seconds of the epoch at which this still is the password; undefined: another was set meanwhile, or the account disabled. It
 * waits for a change that is under way.
 */
export async function confirmPassword(
  db: Queryable,
  accountId: string,
  passwordHash: string,
): Promise<number | undefined> {
  const { rows } = await db.query<{ seconds: number }>(
    `select extract(epoch from clock_timestamp())::float8 as seconds from identity_local_accounts
     where account_id = $1 and password_hash = $2 and disabled_at is null for share`,
    [accountId, passwordHash],
  )
  return rows[0]?.seconds
}

/** Whoever chooses a password ends every invitation. False: the invitation by which they came has been used meanwhile. */
export async function updatePassword(
  db: Queryable,
  { accountId, passwordHash, invitationHash }: { accountId: string; passwordHash: string; invitationHash?: Buffer },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update identity_local_accounts
     set password_hash = $2, password_set_at = clock_timestamp(), invitation_hash = null, invitation_ends_at = null
     where account_id = $1 and ($3::bytea is null or invitation_hash = $3)`,
    [accountId, passwordHash, invitationHash ?? null],
  )
  return rowCount === 1
}

/** Forgets the names of accounts that were disabled before then; returns how many, `rowsMax` at most. */
export async function emptyAccounts(db: Queryable, before: Date, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `update identity_local_accounts set name_hash = null, sealed_name = null where account_id in (
       select account_id from identity_local_accounts where sealed_name is not null and disabled_at < $1
       limit $2 for update skip locked)`,
    [before, rowsMax],
  )
  return rowCount ?? 0
}

/** False: it was disabled before. */
export async function disableAccount(db: Queryable, accountId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `update identity_local_accounts
     set disabled_at = clock_timestamp(), password_hash = null, invitation_hash = null, invitation_ends_at = null
     where account_id = $1 and disabled_at is null`,
    [accountId],
  )
  return rowCount === 1
}
