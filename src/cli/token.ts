import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine, printTable, say } from './print.ts'
import { readScopes } from './read-scopes.ts'

interface CreateOptions {
  name: string
  stores: string
  scopes: string
  expires?: string
  reason?: string
  json?: boolean
}

export function registerToken(program: Command): void {
  const token = program.command('token').description('API tokens of tills and machines')
  token
    .command('create')
    .description('Make a token; it is shown once')
    .requiredOption('--name <name>', 'what it is for')
    .requiredOption('--stores <ids>', "stores it may speak for, separated by commas; '*': all")
    .option('--scopes <scopes>', 'what it may do', 'transactions:write')
    .option('--expires <duration>', 'end of life, e.g. 90d or 12h; default: none')
    .option('--reason <text>', 'why, for the log of acts')
    .option('--json', 'print JSON')
    .action(act(create))
  token.command('list').description('List tokens').option('--json', 'print JSON').action(act(list))
  token
    .command('revoke <id>')
    .description('Revoke a token by id or prefix, effective within 30 s')
    .option('--reason <text>', 'why, for the log of acts')
    .option('--json', 'print JSON')
    .action(act(revoke))
}

async function create(options: CreateOptions): Promise<undefined> {
  const { createToken } = await import('../http/auth/token-store.ts')
  const scopes = await readScopes(options.scopes)
  const stores = options.stores === '*' ? undefined : options.stores.split(',').map((store) => store.trim())
  const expiresAt = options.expires === undefined ? undefined : new Date(Date.now() + durationMs(options.expires))
  const token = { name: options.name, scopes, ...(stores && { stores }), ...(expiresAt && { expiresAt }) }
  const made = await withPool((pool) => createToken(pool, token, by(options.reason)))
  if (options.json) printJson({ ...made, name: options.name, stores: stores ?? '*', scopes, expiresAt })
  else {
    printLine(made.token)
    say('This token is shown once. Send it as: Authorization: Bearer <token>')
  }
  return undefined
}

async function list({ json }: { json?: boolean }): Promise<undefined> {
  const { listTokens } = await import('../http/auth/token-store.ts')
  const tokens = await withPool(listTokens)
  if (json) printJson(tokens)
  else {
    const date = (at: Date | null) => at?.toISOString().slice(0, 16) ?? '-'
    const rows = tokens.map((one) => [
      one.prefix,
      one.name,
      String(one.stores),
      one.scopes.join(','),
      date(one.expiresAt),
      date(one.lastUsedAt),
      date(one.revokedAt),
    ])
    printTable(['PREFIX', 'NAME', 'STORES', 'SCOPES', 'EXPIRES', 'LAST USED', 'REVOKED'], rows)
  }
  return undefined
}

async function revoke(id: string, { reason, json }: { reason?: string; json?: boolean }): Promise<undefined> {
  const { revokeToken } = await import('../http/auth/token-store.ts')
  const isThere = await withPool((pool) => revokeToken(pool, id, by(reason)))
  if (!isThere) throw new Problem('not-found', 'There is no such token.')
  if (json) printJson({ revoked: true })
  else printLine('revoked')
  return undefined
}

function by(reason: string | undefined) {
  return { actor: actor(), ...(reason !== undefined && { reason }) }
}

async function withPool<Result>(work: (pool: import('pg').Pool) => Promise<Result>): Promise<Result> {
  const { withDatabase } = await import('./open-database.ts')
  const { loadSettings } = await import('../settings/load-settings.ts')
  return withDatabase(loadSettings().settings, work)
}

const unitsMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

function durationMs(text: string): number {
  const match = /^(\d{1,5})([mhd])$/.exec(text)
  if (!match) throw new Problem('settings-invalid', '--expires takes a number with m, h or d, e.g. 90d.')
  return Number(match[1]) * (unitsMs[match[2] ?? ''] ?? 0)
}
