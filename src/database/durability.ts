import pg from 'pg'
import { Problem } from '../contract/problem.ts'

const serverVersionMin = 15

/** What an acknowledgement of this installation survives. */
export interface DurabilityPromise {
  /**
   * `nothing`: settings are unsafe and that was accepted; `crash`: of a process, the server or the machine, while its
   * disk lives; `failover`: also the loss of the server, since a synchronous standby has every commit.
   */
  survives: 'nothing' | 'crash' | 'failover'
  /** As the server says it, such as `18.4`. */
  serverVersion: string
  /** Empty when no standby has to confirm. */
  synchronousStandbyNames: string
  /** The settings that break the promise, such as `fsync = off`. */
  unsafeSettings: string[]
}

/**
 * Reads what the server does at a commit. Throws `database-unsafe` when an acknowledged receipt could be lost and this is
 * no evaluation, and `database-version` for a server older than 15.
 */
export async function checkDurability(pool: pg.Pool, options: { evaluation: boolean }): Promise<DurabilityPromise> {
  const settings = await readSettings(pool)
  const serverVersion = settings.get('server_version') ?? ''
  if (Number.parseInt(serverVersion, 10) < serverVersionMin) {
    throw new Problem(
      'database-version',
      `The server is PostgreSQL ${serverVersion}; Tillflow needs ${serverVersionMin} or later.`,
    )
  }
  const unsafeSettings = ['fsync', 'synchronous_commit', 'full_page_writes']
    .filter((name) => settings.get(name) === 'off')
    .map((name) => `${name} = off`)
  if (unsafeSettings.length > 0 && !options.evaluation) {
    throw new Problem(
      'database-unsafe',
      `The database may lose acknowledged receipts: ${unsafeSettings.join(', ')} (of the server, or set by ALTER DATABASE or ALTER ROLE).`,
    )
  }
  const synchronousStandbyNames = settings.get('synchronous_standby_names') ?? ''
  // `local` and `remote_write` acknowledge before the standby has it on disk.
  const standbyConfirms =
    synchronousStandbyNames !== '' && ['on', 'remote_apply'].includes(settings.get('synchronous_commit') ?? '')
  const survives = unsafeSettings.length > 0 ? 'nothing' : standbyConfirms ? 'failover' : 'crash'
  return { survives, serverVersion, synchronousStandbyNames, unsafeSettings }
}

/** In a session of its own: a pooled one may be older than an ALTER ROLE or carry a SET of its last user. */
async function readSettings(pool: pg.Pool): Promise<Map<string, string>> {
  const client = new pg.Client(pool.options)
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings
       WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version', 'synchronous_standby_names')`,
    )
    return new Map(rows.map(({ name, setting }) => [name, setting]))
  } finally {
    await client.end()
  }
}
