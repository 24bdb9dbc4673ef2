import type { Command } from 'commander'
import type { Pool } from 'pg'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { withStoppedDatabase } from './open-erasure-house.ts'
import { printJson, printLine, say } from './print.ts'
import { registerRotateSigning } from './rotate-signing.ts'

interface RotateOptions {
  newKeyFile: string
  oldKeyFile?: string
  reason: string
  json?: boolean
}

export function registerKey(program: Command): void {
  const key = program
    .command('key')
    .description('The master key, which seals all other keys, and the keys that sign tokens')
  key
    .command('rotate')
    .description('Seal all keys under another master key; the hub must be stopped. Killed, it is run again')
    .requiredOption('--new-key-file <file>', 'the new key; made where the file is not there')
    .option('--old-key-file <file>', 'the old key; default: that of the settings')
    .requiredOption('--reason <text>', 'why, for whoever looks later')
    .option('--json', 'print JSON')
    .action(act(rotate))
  registerRotateSigning(key)
}

async function rotate({ newKeyFile, oldKeyFile, reason, json }: RotateOptions): Promise<undefined> {
  const [
    { loadSettings },
    { loadMasterKey },
    { masterKeyOf },
    { wrapWithMasterKey },
    { rotateMasterKey },
    { recordAct },
  ] = await Promise.all([
    import('../settings/load-settings.ts'),
    import('../privacy/encryption/master-key.ts'),
    import('../runtimes/node/master-key-file.ts'),
    import('../privacy/encryption/key-wrapping.ts'),
    import('../privacy/encryption/rotate-master-key.ts'),
    import('../audit/acts.ts'),
  ])
  const { settings } = loadSettings()
  const old = oldKeyFile === undefined ? masterKeyOf(settings) : { masterKeyFile: oldKeyFile }
  const rotation = await withStoppedDatabase(settings, async (pool, isOwn) => {
    await refuseRunningHubs(pool, isOwn)
    const from = wrapWithMasterKey(await loadMasterKey(old))
    const to = wrapWithMasterKey(await loadMasterKey({ masterKeyFile: newKeyFile }))
    const onProgress = (count: number) => (json ? undefined : say(`${count} keys`))
    const done = await rotateMasterKey(pool, { from, to, onProgress })
    if (done.changed)
      await recordAct(pool, { actor: actor(), act: 'key.rotate', object: 'master-key', reason, details: { ...done } })
    return done
  })
  if (json) printJson({ ...rotation, newKeyFile })
  else if (rotation.changed)
    printLine(`${rotation.rewrapped} keys are sealed anew. Set masterKeyFile to ${newKeyFile}, then start.`)
  else printLine('this is the master key already')
  return undefined
}

/** A hub that runs has the old key in memory, and would seal under it. An embedded database has none while this runs. */
async function refuseRunningHubs(pool: Pool, isOwn: boolean): Promise<void> {
  if (isOwn) return
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'tillflow'`,
  )
  if ((rows[0]?.count ?? 0) > 0)
    throw new Problem('data-directory-in-use', 'A hub works on this database: stop it first.')
}
