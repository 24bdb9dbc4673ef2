import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import type { Grant } from '../domain/grant.ts'
import type { ListedAccount, LocalAccount } from '../identity/local-accounts.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine, printTable, say } from './print.ts'
import { withIdentity } from './with-identity.ts'

interface Common {
  reason?: string
  json?: boolean
}

interface GrantOptions extends Common {
  role: string
  legalEntity?: string
  region?: string
  store?: string
}

interface PasswordOptions extends Common {
  stdin?: boolean
}

/** `tillflow people`: who signs in with a name and a password of the hub's own. */
export function registerPeople(program: Command): void {
  const people = program.command('people').description('People who sign in with a password of this hub')
  withGrant(
    people.command('add <name>').description('Add somebody, and make the code by which they choose a password'),
  ).action(act(add))
  people.command('list').description('List people').option('--json', 'print JSON').action(act(list))
  withGrant(people.command('grant <name>').description('Give somebody one more role')).action(act(grant))
  withGrant(people.command('withdraw <name>').description('Take a role away')).action(act(withdraw))
  withReason(
    people
      .command('set-password <name>')
      .description('Make a one-time code by which somebody chooses a new password, or set it')
      .option('--stdin', 'read the password from standard input instead'),
  ).action(act(setPassword))
  withReason(people.command('disable <name>').description('Let somebody in no more')).action(act(disable))
}

function withGrant(command: Command): Command {
  return withReason(
    command
      .requiredOption('--role <role>', 'viewer, operator, integrator, finance or admin')
      .option('--legal-entity <name>', 'for the stores of this legal entity only')
      .option('--region <name>', 'for the stores of this region only')
      .option('--store <id>', 'for this store only'),
  )
}

function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why, for the log of acts').option('--json', 'print JSON')
}

async function add(name: string, options: GrantOptions): Promise<undefined> {
  const { addLocalAccount, inviteToPassword } = await import('../identity/local-accounts.ts')
  const grants = [await grantOf(options)]
  const made = await withIdentity(async (pool, identityKey) => {
    const account = await addLocalAccount(pool, identityKey, { name, grants, ...by(options) })
    return { account, invitation: await inviteToPassword(pool, identityKey, { name, ...by(options) }) }
  })
  await tellInvitation(made.account, made.invitation, options.json)
  return undefined
}

async function list({ json }: Common): Promise<undefined> {
  const { listLocalAccounts } = await import('../identity/local-accounts.ts')
  const { groupOfGrant } = await import('../identity/account-groups.ts')
  const accounts = await withIdentity(listLocalAccounts)
  if (json) {
    printJson(accounts)
    return undefined
  }
  const rows = accounts.map((one) => [
    one.name ?? '(forgotten)',
    one.grants.map(groupOfGrant).join(', '),
    stateOf(one),
    one.createdAt.toISOString().slice(0, 16),
    one.accountId,
  ])
  printTable(['NAME', 'ROLES', 'STATE', 'SINCE', 'ACCOUNT'], rows)
  return undefined
}

async function grant(name: string, options: GrantOptions): Promise<undefined> {
  const one = await grantOf(options)
  return changeGrants(name, options, (before) => [...before.filter((other) => !isSame(other, one)), one])
}

async function withdraw(name: string, options: GrantOptions): Promise<undefined> {
  const one = await grantOf(options)
  return changeGrants(name, options, (before) => {
    const left = before.filter((other) => !isSame(other, one))
    if (left.length === before.length) throw new Problem('not-found', 'This person has no such role.')
    return left
  })
}

async function changeGrants(
  name: string,
  options: Common,
  change: (before: readonly Grant[]) => Grant[],
): Promise<undefined> {
  const { findLocalAccount, setGrants } = await import('../identity/local-accounts.ts')
  const { groupOfGrant } = await import('../identity/account-groups.ts')
  const account = await withIdentity(async (pool, identityKey) => {
    const { grants } = await findLocalAccount(pool, identityKey, name)
    return setGrants(pool, identityKey, { name, grants: change(grants), ...by(options) })
  })
  if (options.json) printJson(account)
  else printLine(`${account.name} is ${account.grants.map(groupOfGrant).join(', ')} from the next sign-in on`)
  return undefined
}

async function setPassword(name: string, { stdin, ...options }: PasswordOptions): Promise<undefined> {
  const accounts = await import('../identity/local-accounts.ts')
  if (stdin) {
    const password = await readStandardInput()
    await withIdentity((pool, identityKey) =>
      accounts.setPassword(pool, identityKey, { name, password, ...by(options) }),
    )
    if (options.json) printJson({ name, passwordSet: true })
    else printLine('the password is set')
    return undefined
  }
  const made = await withIdentity(async (pool, identityKey) => {
    const invitation = await accounts.inviteToPassword(pool, identityKey, { name, ...by(options) })
    return { account: await accounts.findLocalAccount(pool, identityKey, name), invitation }
  })
  await tellInvitation(made.account, made.invitation, options.json)
  return undefined
}

async function disable(name: string, options: Common): Promise<undefined> {
  const { disableLocalAccount } = await import('../identity/local-accounts.ts')
  const { accountId } = await withIdentity((pool, identityKey) =>
    disableLocalAccount(pool, identityKey, { name, ...by(options) }),
  )
  if (options.json) printJson({ accountId, disabled: true })
  else printLine('disabled')
  return undefined
}

async function tellInvitation(
  { accountId, name }: LocalAccount,
  { code, endsAt }: { code: string; endsAt: Date },
  json: boolean | undefined,
): Promise<void> {
  const { choosePasswordPath } = await import('../http/auth/authorization-server/local-paths.ts')
  if (json) {
    printJson({ accountId, name, code, endsAt, path: choosePasswordPath })
    return
  }
  printLine(code)
  say(
    `With this code ${name} chooses a password at ${choosePasswordPath} of the hub, once, until ${endsAt.toISOString().slice(0, 16)} UTC.`,
  )
}

async function grantOf({ role, legalEntity, region, store }: GrantOptions): Promise<Grant> {
  const [{ isRole }, { readGrant }] = await Promise.all([
    import('../http/auth/scopes.ts'),
    import('../contract/read-grant.ts'),
  ])
  const said = Object.entries({ legalEntity, region, store }).filter(([, name]) => name !== undefined)
  return readGrant({ role, ...Object.fromEntries(said) }, 'The grant', isRole, 'request-invalid')
}

function isSame(left: Grant, right: Grant): boolean {
  return (['role', 'legalEntity', 'region', 'store'] as const).every((field) => left[field] === right[field])
}

function stateOf({ disabledAt, passwordSetAt, invitedUntil }: ListedAccount): string {
  if (disabledAt) return 'disabled'
  if (passwordSetAt) return 'active'
  return invitedUntil ? 'invited' : 'no password'
}

/** The first line; a password in the arguments would stand in the list of processes. */
async function readStandardInput(): Promise<string> {
  const { text } = await import('node:stream/consumers')
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/, 1)
  return line
}

function by({ reason }: Common) {
  return { actor: actor(), ...(reason !== undefined && { reason }) }
}
