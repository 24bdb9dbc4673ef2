import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import type { Binding } from '../identity/clients.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine } from './print.ts'
import { readScopes } from './read-scopes.ts'
import { listRegistered, revokeRegistered } from './registered-clients.ts'
import { withIdentity } from './with-identity.ts'

interface AddOptions {
  name: string
  jwks: string
  stores: string
  scopes: string
  bound: string
  json?: boolean
}

const bindings: Record<string, Binding> = { nothing: 'bearer', key: 'dpop', certificate: 'mtls' }

export function registerMachine(program: Command): void {
  const machine = program.command('machine').description('Machines that come in by a key of their own')
  machine
    .command('add')
    .description('Register a machine by its public keys')
    .requiredOption('--name <name>', 'what it is')
    .requiredOption('--jwks <file>', 'its public keys: a JWK Set or one JWK')
    .requiredOption('--stores <ids>', "stores it may speak for, separated by commas; '*': all")
    .option('--scopes <scopes>', 'what it may do', 'transactions:write')
    .option('--bound <to>', 'what its tokens are bound to: nothing, key (DPoP), certificate (mutual TLS)', 'nothing')
    .option('--json', 'print JSON')
    .action(act(add))
  machine
    .command('list')
    .description('List machines, newest first')
    .option('--json', 'print JSON')
    .action(act(listRegistered('machine')))
  machine
    .command('revoke <id>')
    .description('Revoke a machine by its client id, effective within 30 s')
    .option('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .action(act(revokeRegistered))
}

async function add({ name, jwks, bound, json, ...options }: AddOptions): Promise<undefined> {
  const binding = bindings[bound]
  if (!binding) throw new Problem('settings-invalid', `--bound takes ${Object.keys(bindings).join(', ')}.`)
  const scopes = await readScopes(options.scopes)
  const stores = options.stores === '*' ? undefined : options.stores.split(',').map((store) => store.trim())
  const { actsOnEveryStore } = await import('../http/auth/scopes.ts')
  if (stores && scopes.some(actsOnEveryStore))
    throw new Problem('settings-invalid', "Only transactions:write can be limited to stores; use --stores '*'.")
  const { addMachine } = await import('../identity/clients.ts')
  const keys = await readJson(jwks)
  const added = await withIdentity((pool) =>
    addMachine(pool, { name, jwks: keys, scopes, binding, actor: actor(), ...(stores && { stores }) }),
  )
  if (json) printJson(added)
  else printLine(`${name} is machine ${added.clientId}`)
  return undefined
}

async function readJson(file: string): Promise<unknown> {
  const { readFile } = await import('node:fs/promises')
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new Problem('settings-invalid', `${file} cannot be read as JSON.`, { cause: error })
  }
}
