import type { Command } from 'commander'
import type { Pool } from 'pg'
import type { RecordedAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import type { Settings } from '../settings/load-settings.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine, printTable, say } from './print.ts'
import { verify } from './verify-audit.ts'

const actsMax = 1_000

export function registerAudit(program: Command): void {
  const audit = program.command('audit').description('What people did, and whether anything recorded was changed since')
  audit
    .command('verify')
    .description(
      'Read again what was sealed, and name the first entry that was altered, deleted, moved, inserted or cut off',
    )
    .option(
      '--since <when>',
      'entries sealed from this checkpoint or RFC 3339 time on; the chain is followed from its start',
    )
    .option('--file <path>', 'the checkpoint file; default: that of the settings')
    .option('--file-only', 'follow the file by itself, without the database and the master key')
    .option('--key <key>', 'with --file-only: the public key that signed the first checkpoint')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 1: something is not as it was sealed.')
    .action(act(verify))
  audit
    .command('list')
    .description('What people did: who, what, before, after, why; the newest first')
    .option('--object <object>', 'to one thing only, e.g. target:erp or token:ID')
    .option('--limit <count>', `at most so many, up to ${actsMax}`, '50')
    .option('--json', 'print JSON')
    .action(act(list))
  audit
    .command('key')
    .description('Print the public key that signs checkpoints (Ed25519), for whoever verifies them elsewhere')
    .option('--json', 'print JSON, with the keys of before')
    .action(act(key))
  audit
    .command('rotate-key')
    .description('Let a new key sign from now on; the old one signs it into the chain and is destroyed')
    .requiredOption('--reason <text>', 'why, for the log of acts')
    .option('--json', 'print JSON')
    .action(act(rotate))
  audit
    .command('vouch-emptied')
    .description('Once, after a version that wrote no acts about it: vouch for the raw records that it emptied')
    .requiredOption('--reason <text>', 'why, for the log of acts')
    .option('--json', 'print JSON')
    .action(act(vouchEmptied))
}

async function list({ object, limit, json }: { object?: string; limit: string; json?: boolean }): Promise<undefined> {
  const count = Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > actsMax)
    throw new Problem('settings-invalid', `--limit takes 1 to ${actsMax}.`)
  const { readNewestActs } = await import('../audit/acts.ts')
  const acts = await withPool((pool) => readNewestActs(pool, { limit: count, ...(object !== undefined && { object }) }))
  if (json) printJson(acts)
  else if (acts.length === 0) printLine('nobody has done anything')
  else printTable(['AT', 'WHO', 'WHAT', 'TO', 'BEFORE', 'AFTER', 'WHY'], acts.map(rowOf))
  return undefined
}

function rowOf({ at, actor: who, act: what, object, before, after, reason }: RecordedAct): string[] {
  const short = (value: unknown) => (value === undefined ? '-' : JSON.stringify(value).slice(0, 60))
  return [at.toISOString().slice(0, 19), who, what, object, short(before), short(after), reason ?? '-']
}

async function key({ json }: { json?: boolean }): Promise<undefined> {
  const { readKeys } = await import('../audit/seal/queries.ts')
  const { publicKeyOf } = await import('../audit/seal/signing-key.ts')
  const keys = await withPool(readKeys)
  const inUse = keys.find((one) => one.retiredAt === null)
  if (!inUse) throw new Problem('audit-no-key')
  const told = keys.map(({ key: name, createdAt, retiredAt }) => ({
    ...{ key: name, createdAt, retiredAt },
    pem: publicKeyOf(name).export({ format: 'pem', type: 'spki' }),
  }))
  if (json) printJson({ key: inUse.key, keys: told })
  else printLine(inUse.key)
  return undefined
}

async function rotate({ reason, json }: { reason: string; json?: boolean }): Promise<undefined> {
  const { rotateKey } = await import('../audit/seal/rotate-key.ts')
  const { sealingOf } = await import('../runtimes/node/seal-audit.ts')
  const rotated = await withPool(async (pool, settings) =>
    rotateKey(pool, await sealingOf(settings, pool), { actor: actor(), reason }),
  )
  if (json) printJson(rotated)
  else {
    printLine(rotated.to)
    say(`This key signs from checkpoint ${rotated.checkpoint + 1} on; the one of before is destroyed.`)
  }
  return undefined
}

async function vouchEmptied({ reason, json }: { reason: string; json?: boolean }): Promise<undefined> {
  const { vouchForEmptiedBefore } = await import('../audit/emptied.ts')
  const { sealingOf } = await import('../runtimes/node/seal-audit.ts')
  const { withTransaction } = await import('../database/pool.ts')
  const { vouchUnder } = await import('../privacy/encryption/vouch.ts')
  const records = await withPool(async (pool, settings) => {
    const { auditKey } = await sealingOf(settings, pool)
    const by = { actor: actor(), reason }
    return withTransaction(pool, (client) => vouchForEmptiedBefore(client, vouchUnder(auditKey), by))
  })
  if (json) printJson({ records })
  else printLine(`${records} raw records that were emptied before are vouched for`)
  return undefined
}

async function withPool<Result>(work: (pool: Pool, settings: Settings) => Promise<Result>): Promise<Result> {
  const { withDatabase } = await import('./open-database.ts')
  const { loadSettings } = await import('../settings/load-settings.ts')
  const { settings } = loadSettings()
  return withDatabase(settings, (pool) => work(pool, settings))
}
