import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'

/** For commands on tills, machines and keys: the database, and the key of the installation under which codes and keys are kept. */
export async function withIdentity<Result>(
  work: (pool: Pool, identityKey: KeyObject) => Promise<Result>,
): Promise<Result> {
  const [{ loadSettings }, { withDatabase }, { loadMasterKey }, { masterKeyOf }, { openInstallation }] =
    await Promise.all([
      import('../settings/load-settings.ts'),
      import('./open-database.ts'),
      import('../privacy/encryption/master-key.ts'),
      import('../runtimes/node/master-key-file.ts'),
      import('../privacy/encryption/open-vault.ts'),
    ])
  const { settings } = loadSettings()
  return withDatabase(settings, async (pool) => {
    const { identity } = await openInstallation(pool, await loadMasterKey(masterKeyOf(settings)))
    return work(pool, identity)
  })
}
